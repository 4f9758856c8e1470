-- Adding keys during traversal.
-- expect: ends

local t = {} for i = 1, 100 do t[i] = i end for k in next, t do t[k + 1000] = k end
