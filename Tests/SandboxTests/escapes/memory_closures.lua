-- Ends at the memory limit: closures.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} while true do local x = #t t[x + 1] = function() return x end end
