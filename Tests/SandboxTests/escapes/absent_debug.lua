-- The global debug is not there.
-- expect: ok

local ok, value = pcall(function() return debug end)
assert(not ok or value == nil, "debug is reachable")
