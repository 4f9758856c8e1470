-- The global loadfile is not there.
-- expect: ok

local ok, value = pcall(function() return loadfile end)
assert(not ok or value == nil, "loadfile is reachable")
