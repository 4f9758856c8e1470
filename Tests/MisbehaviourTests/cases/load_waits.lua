-- Waits, sends and stores while loading.
-- expect: refused 'sleep' waits, which is not possible here
local nightjar = require "nightjar"

nightjar.sleep(1)
return {}
