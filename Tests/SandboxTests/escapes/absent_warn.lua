-- The global warn is not there.
-- expect: ok

local ok, value = pcall(function() return warn end)
assert(not ok or value == nil, "warn is reachable")
