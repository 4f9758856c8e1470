-- Also through xpcall.
-- expect: ends
-- limits: memory=64MiB deadline=200ms slack=100ms

local function f() return xpcall(f, f) end f()
