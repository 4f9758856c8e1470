-- Ends at the memory limit: string many.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} while true do t[#t + 1] = ('x'):rep(5000) .. #t end
