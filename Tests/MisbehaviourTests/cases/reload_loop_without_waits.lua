-- A loop of the old generation that works without a pause and catches what stops it.
-- trigger: reload 5
-- trigger: get /reload_loop_without_waits/well => 200 well
-- limits: handler=1 settle=2.5 growth=80
local nightjar = require "nightjar"

nightjar.http.get("/reload_loop_without_waits/well", function() return "well" end)

local ballast = ("x"):rep(8 << 20)
return {
  on_reload = function()
    nightjar.spawn(function()
      while true do
        pcall(function()
          while #ballast > 0 do end -- luacheck: ignore
        end)
        pcall(nightjar.sleep, 0)
      end
    end)
  end,
}
