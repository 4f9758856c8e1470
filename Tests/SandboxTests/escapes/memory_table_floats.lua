-- Ends at the memory limit: table floats.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} local i = 0.5 while true do i = i + 1 t[i] = i end
