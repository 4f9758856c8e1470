-- Never comes back from on_unload, nor from on_stop.
-- trigger: reload 3
-- limits: stop=12
local nightjar = require "nightjar"

local M = {}
function M.on_unload()
  while true do pcall(nightjar.sleep, 0.001) end
end
function M.on_stop()
  while true do pcall(nightjar.sleep, 0.001) end
end
return M
