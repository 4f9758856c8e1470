-- Ends at the memory limit: data.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local conn = ... local list = {} conn.data = list while true do list[#list + 1] = {} end
