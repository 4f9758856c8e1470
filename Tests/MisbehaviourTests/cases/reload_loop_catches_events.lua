-- The same with events and a coroutine of its own.
-- trigger: reload 8
-- trigger: get /reload_loop_catches_events/well => 200 well
-- limits: handler=1 settle=2.5 growth=112
local nightjar = require "nightjar"

nightjar.http.get("/reload_loop_catches_events/well", function() return "well" end)

local ballast = ("x"):rep(8 << 20)
return {
  on_reload = function()
    nightjar.spawn(function()
      local loop = coroutine.wrap(function()
        while true do
          pcall(nightjar.event.wait, "never", 0.01)
          if #ballast == 0 then coroutine.yield() end
        end
      end)
      loop()
    end)
  end,
}
