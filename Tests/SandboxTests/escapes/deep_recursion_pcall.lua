-- Also through pcall.
-- expect: error overflow
-- limits: memory=64MiB deadline=2000ms

local function f() local ok, e = pcall(f) if not ok then error(e, 0) end end f()
