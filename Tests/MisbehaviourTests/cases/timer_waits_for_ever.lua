-- A timer every millisecond whose handler never ends its wait.
-- expect: loads
-- limits: handler=1 seconds=1.5
local nightjar = require "nightjar"

nightjar.timer.every("waits", 0.001, function() nightjar.event.wait("never") end)

return {}
