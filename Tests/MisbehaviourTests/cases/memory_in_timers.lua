-- Timers whose functions hold megabytes.
-- trigger: get /memory_in_timers 3 => 500
local nightjar = require "nightjar"

nightjar.http.get("/memory_in_timers", function()
  for i = 1, 1000 do
    local text = ("x"):rep(1000000) .. i
    nightjar.timer.after(3600, function() return text end)
  end
end)
return {}
