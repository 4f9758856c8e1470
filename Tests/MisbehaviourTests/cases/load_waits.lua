-- Waits, sends and stores while loading.
-- expect: refused
local nightjar = require "nightjar"

nightjar.sleep(1)
return {}
