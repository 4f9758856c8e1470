-- Ends at the memory limit: rep many.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} for i = 1, 1e6 do t[i] = ('x'):rep(1e6) .. i end
