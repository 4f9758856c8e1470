-- Each generation spawns itself on, across reloads.
-- trigger: reload 8
-- trigger: get /reload_spawns_for_ever/well => 200 well
-- limits: handler=1 settle=2.5 growth=112
local nightjar = require "nightjar"

nightjar.http.get("/reload_spawns_for_ever/well", function() return "well" end)

local ballast = ("x"):rep(8 << 20)
local function again(text) nightjar.spawn(again, text .. "") end
return { on_reload = function() again(ballast:sub(1, 10)) end }
