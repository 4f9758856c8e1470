-- Ends at the memory limit: in coroutine.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

coroutine.wrap(function() local t = {} while true do t[#t + 1] = {} end end)()
