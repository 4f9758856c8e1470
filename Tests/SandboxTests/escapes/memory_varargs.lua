-- Ends at the memory limit: varargs.
-- expect: memory
-- limits: memory=4MiB deadline=5000ms

local function f(...) return f(1, 2, 3, 4, 5, 6, 7, 8, ...) end f()
