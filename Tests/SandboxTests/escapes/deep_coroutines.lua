-- Coroutines in coroutines end with an error.
-- expect: ends
-- limits: memory=64MiB deadline=2000ms

local function f(n) return coroutine.wrap(function() return f(n + 1) end)() end f(1)
