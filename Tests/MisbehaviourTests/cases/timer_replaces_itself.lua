-- A named timer that sets itself anew in its own handler, for ever.
-- expect: no errors
local nightjar = require "nightjar"

local function again() nightjar.timer.after("again", 0.001, again) end
return { on_reload = again }
