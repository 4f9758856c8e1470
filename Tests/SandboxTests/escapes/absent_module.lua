-- The global module is not there.
-- expect: ok

local ok, value = pcall(function() return module end)
assert(not ok or value == nil, "module is reachable")
