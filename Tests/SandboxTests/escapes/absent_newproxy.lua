-- The global newproxy is not there.
-- expect: ok

local ok, value = pcall(function() return newproxy end)
assert(not ok or value == nil, "newproxy is reachable")
