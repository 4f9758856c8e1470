-- Ends at the memory limit: metatables.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} while true do t = setmetatable({}, {__index = t}) end
