-- Begins everything anew when the server is about to stop.
-- trigger: get /on_stop_spawns/well => 200 well
-- limits: stop=12
local nightjar = require "nightjar"

nightjar.http.get("/on_stop_spawns/well", function() return "well" end)

local M = {}
local function again()
  nightjar.spawn(again)
  nightjar.timer.after(0.001, again)
  nightjar.publish("again", 1)
  nightjar.sleep(0)
end
function M.on_stop() again() end
function M.on_unload() again() end
return M
