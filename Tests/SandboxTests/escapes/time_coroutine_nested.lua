-- Ends at its deadline: coroutine nested.
-- expect: timeout

local function f(n) coroutine.wrap(function() if n == 0 then while true do end end f(n - 1) end)() end f(50)
