-- Nor with many values.
-- expect: error too many values

local t = {} for i = 1, 5000 do t[i] = 1 end return string.format(('%d'):rep(5000), table.unpack(t))
