-- A timer every millisecond whose handler never ends its wait.
-- trigger: wait 1.3
-- trigger: get /timer_waits_for_ever/runs => 200 bounded
-- expect: errors timeout
-- limits: handler=1 seconds=0.3
local nightjar = require "nightjar"

local runs, began = 0, nightjar.now()
nightjar.timer.every("waits", 0.001, function()
  runs = runs + 1
  nightjar.event.wait("never")
end)

-- So many as it may be, and some.
nightjar.http.get("/timer_waits_for_ever/runs", function()
  local most = (nightjar.now() - began) / 1000 + 2
  return runs > 0 and runs <= most and "bounded" or runs .. " of " .. most
end)

return {}
