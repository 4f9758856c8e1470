-- Ends at the memory limit: gsub.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local s = ('x'):rep(100000) local keep = {} while true do keep[#keep + 1] = s:gsub('x', 'yyyy') .. #keep end
