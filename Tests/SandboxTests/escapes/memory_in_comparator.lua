-- Ends at the memory limit: in comparator.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local keep = {} while true do table.sort({3, 2, 1}, function(a, b) keep[#keep + 1] = {} return a < b end) end
