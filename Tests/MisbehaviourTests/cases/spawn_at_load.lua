-- Spawns for ever from the moment it is loaded; declares nothing else.
local nightjar = require "nightjar"

local M = {}
local function f() nightjar.spawn(f) end
function M.on_reload() f() end
return M
