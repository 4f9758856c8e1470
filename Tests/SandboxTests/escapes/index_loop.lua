-- A loop of tables is seen by Lua.
-- expect: error '__index' chain too long

local t = {} setmetatable(t, {__index = t}) return t.x
