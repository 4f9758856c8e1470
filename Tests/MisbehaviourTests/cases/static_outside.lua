-- Serves folders outside of its own.
-- expect: refused folder inside the package expected
local nightjar = require "nightjar"

nightjar.http.static("/static_outside", "../../..")
return {}
