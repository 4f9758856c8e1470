-- Spawns calls of a function of its own by the hundred thousand.
-- trigger: get /million_calls => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.provide("million_calls.f", function(n) return n end)
nightjar.http.get("/million_calls", function()
  while true do
    for _ = 1, 1000 do nightjar.spawn(nightjar.call, "million_calls.f", 1) end
    nightjar.sleep(0)
  end
end)

return {}
