-- A table's keys have a bound: when it grows, all are moved at once, inside one instruction.
-- expect: memory
-- limits: memory=256MiB deadline=2000ms

local t = {}
for i = 1, 1e8 do t[i + 0.5] = true end
