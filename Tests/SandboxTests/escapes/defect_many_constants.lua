-- c764ca71: bitwise operators with many constants give wrong numbers, not crashes.
-- expect: ends

local lines = {"local t = {"}
for i = 1, 300 do lines[#lines + 1] = "'c" .. i .. "'," end
lines[#lines + 1] = "} return 1 ~ (2 or 3), 1 | (2 or 3)"
local f = assert(load(table.concat(lines)))
f()
