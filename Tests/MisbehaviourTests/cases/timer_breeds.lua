-- A timer that sets two timers, which set two each.
-- trigger: get /timer_breeds => 200 begun
local nightjar = require "nightjar"

local function breed()
  nightjar.timer.after(0.001, breed)
  nightjar.timer.after(0.001, breed)
end
nightjar.http.get("/timer_breeds", function()
  breed()
  return "begun"
end)

return {}
