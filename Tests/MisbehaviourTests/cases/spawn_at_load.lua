-- Spawns for ever from the moment it is loaded; declares nothing else.
-- trigger: get /spawn_at_load/well => 200 well
local nightjar = require "nightjar"

nightjar.http.get("/spawn_at_load/well", function() return "well" end)

local M = {}
local function f() nightjar.spawn(f) end
function M.on_reload() f() end
return M
