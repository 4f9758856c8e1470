-- The global arg is not there.
-- expect: ok

local ok, value = pcall(function() return arg end)
assert(not ok or value == nil, "arg is reachable")
