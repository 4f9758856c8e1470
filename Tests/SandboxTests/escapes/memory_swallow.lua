-- Ends at the memory limit: swallow.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end
