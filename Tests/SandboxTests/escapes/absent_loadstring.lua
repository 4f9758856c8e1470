-- The global loadstring is not there.
-- expect: ok

local ok, value = pcall(function() return loadstring end)
assert(not ok or value == nil, "loadstring is reachable")
