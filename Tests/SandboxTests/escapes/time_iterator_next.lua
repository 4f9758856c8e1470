-- Ends at its deadline: iterator next.
-- expect: timeout

local t = {} for i = 1, 100 do t[i] = i end while true do for k, v in next, t do end end
