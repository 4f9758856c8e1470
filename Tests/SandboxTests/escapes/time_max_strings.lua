-- math.max compares what it is given: two hundred large strings, one after the other, inside C.
-- expect: timeout
-- limits: memory=64MiB

local t = {}
for i = 1, 5 do t[i] = ("\0"):rep(8 << 20) end
for i = 6, 200 do t[i] = t[i % 5 + 1] end
while true do math.max(table.unpack(t)) end
