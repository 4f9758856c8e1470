-- Ends at its deadline: sort c comparator.
-- expect: timeout

local t = {} for i = 1, 1000 do t[i] = i end while true do pcall(table.sort, t, rawequal) end
