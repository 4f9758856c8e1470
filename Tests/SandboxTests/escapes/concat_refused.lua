-- Concatenation handlers reach a crash in Lua 5.4.4.
-- expect: error a metatable may not have '__concat'

setmetatable({}, {__concat = function() return '' end})
