-- The global getfenv is not there.
-- expect: ok

local ok, value = pcall(function() return getfenv end)
assert(not ok or value == nil, "getfenv is reachable")
