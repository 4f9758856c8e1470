-- Waits for events that never come, for 0 seconds, in a loop.
-- trigger: get /wait_event_zero 3 => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/wait_event_zero", function()
  while true do nightjar.event.wait("never", 0) end
end)

return {}
