-- Ends at its deadline: fibonacci.
-- expect: timeout

local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end fib(60)
