-- Weak tables reach a use after free in Lua 5.4.4.
-- expect: error a metatable may not have '__mode'

setmetatable({}, {__mode = 'k'})
