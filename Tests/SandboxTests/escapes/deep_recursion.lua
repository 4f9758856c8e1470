-- Deep recursion ends with Lua's error.
-- expect: error stack overflow
-- limits: memory=256MiB deadline=2000ms

local function f() return 1 + f() end f()
