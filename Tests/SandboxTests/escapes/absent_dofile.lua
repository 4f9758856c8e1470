-- The global dofile is not there.
-- expect: ok

local ok, value = pcall(function() return dofile end)
assert(not ok or value == nil, "dofile is reachable")
