-- Timers that cancel themselves and each other while they run, and go on.
-- trigger: get /timer_cancels_itself => 200 set
-- expect: no errors
local nightjar = require "nightjar"

nightjar.http.get("/timer_cancels_itself", function()
  local timers = {}
  for i = 1, 500 do
    timers[i] = nightjar.timer.every(0.001, function()
      for j = 1, 500 do timers[j]:cancel() end
      nightjar.sleep(0)
      timers[i]:cancel()
    end)
  end
  return "set"
end)

return {}
