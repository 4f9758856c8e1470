-- One concat cannot either.
-- expect: error too large
-- limits: memory=64MiB deadline=2000ms

local s = ('x'):rep(1 << 20) local t = {} for i = 1, 100 do t[i] = s end return table.concat(t)
