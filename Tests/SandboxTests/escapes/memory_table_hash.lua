-- Ends at the memory limit: table hash.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} local i = 0 while true do i = i + 1 t['k' .. i] = i end
