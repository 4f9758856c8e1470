-- The global jit is not there.
-- expect: ok

local ok, value = pcall(function() return jit end)
assert(not ok or value == nil, "jit is reachable")
