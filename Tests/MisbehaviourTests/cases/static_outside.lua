-- Serves folders outside of its own.
-- expect: refused
local nightjar = require "nightjar"

nightjar.http.static("/static_outside", "../../..")
return {}
