-- Sorting long strings that differ in the end.
-- expect: timeout
-- limits: memory=64MiB

local s, t = ("\0"):rep(1 << 20), {}
for i = 1, 30 do t[i] = s .. i end
table.sort(t)
