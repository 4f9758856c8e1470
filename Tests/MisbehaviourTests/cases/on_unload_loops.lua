-- Never comes back from on_unload, nor from on_stop.
-- trigger: reload 3
-- trigger: get /on_unload_loops/well => 200 well
-- limits: stop=12
local nightjar = require "nightjar"

nightjar.http.get("/on_unload_loops/well", function() return "well" end)

local M = {}
function M.on_unload()
  while true do pcall(nightjar.sleep, 0.001) end
end
function M.on_stop()
  while true do pcall(nightjar.sleep, 0.001) end
end
return M
