-- Ends at the memory limit: concat.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1000) end local keep = {} while true do keep[#keep + 1] = table.concat(t) .. #keep end
