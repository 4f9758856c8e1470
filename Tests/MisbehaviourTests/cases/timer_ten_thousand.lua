-- 10,000 timers that are due every millisecond, and more that are refused.
-- trigger: get /timer_ten_thousand => 500
-- expect: errors too many timers in this package
local nightjar = require "nightjar"

nightjar.http.get("/timer_ten_thousand", function()
  for _ = 1, 12000 do nightjar.timer.every(0.001, function() end) end
  return "set"
end)

return {}
