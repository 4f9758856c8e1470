-- A loop of the old generation that works without a pause and catches what stops it.
-- trigger: reload 5
-- limits: handler=1 settle=2.5 growth=80
local nightjar = require "nightjar"

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
