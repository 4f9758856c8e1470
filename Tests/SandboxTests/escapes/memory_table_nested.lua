-- Ends at the memory limit: table nested.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} while true do t = {t} end
