-- NaN is no order.
-- expect: ok

local t = {} for i = 1, 200 do t[i] = i % 5 == 0 and 0/0 or i end pcall(table.sort, t)
