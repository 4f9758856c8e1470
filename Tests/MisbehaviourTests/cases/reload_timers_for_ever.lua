-- Each generation sets timers from timers, and waits in them, across reloads.
-- trigger: reload 8
-- trigger: get /reload_timers_for_ever/well => 200 well
-- limits: handler=1 settle=2.5 growth=112
local nightjar = require "nightjar"

nightjar.http.get("/reload_timers_for_ever/well", function() return "well" end)

local ballast = ("x"):rep(8 << 20)
local function again()
  nightjar.timer.after(0.001, again)
  pcall(nightjar.sleep, #ballast)
end
return { on_reload = again }
