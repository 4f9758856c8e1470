-- Ends at the memory limit: swallow coroutine.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} while true do coroutine.wrap(function() pcall(function() while true do t[#t + 1] = {} end end) end)() end
