-- Ends at the memory limit: coroutines.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} while true do t[#t + 1] = coroutine.create(function() end) end
