-- Waits for ever in on_reload.
-- trigger: reload 3
local nightjar = require "nightjar"

return { on_reload = function() pcall(nightjar.event.wait, "never") end }
