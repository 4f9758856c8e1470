-- Ends at the memory limit: cycle.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local keep = {} while true do local a, b = {}, {} a.b, b.a = b, a keep[#keep + 1] = a end
