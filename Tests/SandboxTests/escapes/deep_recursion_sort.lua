-- Also through sort.
-- expect: error overflow
-- limits: memory=64MiB deadline=2000ms

local function f() table.sort({2, 1}, function(a, b) f() return a < b end) end f()
