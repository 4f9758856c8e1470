-- Ends at the memory limit: load.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local keep = {} while true do keep[#keep + 1] = load('return ' .. #keep .. ', {1, 2, 3}') end
