-- Ends at the memory limit: in close.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local keep = {} local x <close> = setmetatable({}, {__close = function() while true do keep[#keep + 1] = {} end end})
