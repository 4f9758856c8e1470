-- Ends at the memory limit: table.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} while true do t[#t + 1] = {} end
