-- Ends at the memory limit: string double.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local s = 'x' while true do s = s .. s end
