-- The global package is not there.
-- expect: ok

local ok, value = pcall(function() return package end)
assert(not ok or value == nil, "package is reachable")
