-- Ends at the memory limit: in metamethod.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local keep = {} local t = setmetatable({}, {__index = function(_, k) keep[#keep + 1] = {k} return nil end}) while true do local x = t[1] end
