-- Growing argument lists.
-- expect: ends
-- limits: memory=64MiB deadline=2000ms

local function f(...) local a, b, c = ... return f(a, b, c, ...) end pcall(f, 1, 2, 3)
