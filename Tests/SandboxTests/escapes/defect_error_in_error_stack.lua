-- The same at the end of the stack.
-- expect: ends
-- limits: memory=64MiB deadline=300ms slack=200ms

local function f() local ok, e = xpcall(f, function(e) return e .. e end) return ok, e end f()
