-- After each reload a loop of the old generation goes on, catching its errors: it must be gone after its time limit.
-- trigger: get /reload_loop_catches_timeouts 3 => some 500
-- trigger: reload 1
-- trigger: get /reload_loop_catches_timeouts 3 => some 500
-- trigger: reload 6
-- limits: handler=1 settle=2.5 growth=112
local nightjar = require "nightjar"

local ballast = ("x"):rep(8 << 20)
nightjar.http.get("/reload_loop_catches_timeouts", function()
  while true do pcall(nightjar.sleep, 0.01) end
  return ballast -- luacheck: ignore
end)

return { on_reload = function() nightjar.spawn(function() while true do pcall(nightjar.sleep, 0.01) end end) end }
