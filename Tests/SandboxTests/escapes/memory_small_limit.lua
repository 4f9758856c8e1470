-- A megabyte is enough to see the limit.
-- expect: memory
-- limits: memory=1MiB deadline=5000ms

local t = {} while true do t[#t + 1] = {} end
