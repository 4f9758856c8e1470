-- Nor are strings that nobody holds.
-- expect: ok
-- limits: memory=1MiB deadline=5000ms

local s for i = 1, 2000 do s = ('x'):rep(20000) .. i end
