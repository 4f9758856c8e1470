-- Numbers written with megabytes of digits, many in one call.
-- expect: error strings too large
-- limits: memory=64MiB

local t = {}
t[1] = ("0"):rep(8 << 20)
for i = 2, 200 do t[i] = t[1] end
return math.max(table.unpack(t))
