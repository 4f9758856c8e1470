-- Ends at the memory limit: coroutine stacks.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local t = {} while true do local co = coroutine.create(function() local function f(n) if n > 0 then return (f(n - 1)) end coroutine.yield() end f(150) end) coroutine.resume(co) t[#t + 1] = co end
