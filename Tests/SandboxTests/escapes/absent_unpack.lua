-- The global unpack is not there.
-- expect: ok

local ok, value = pcall(function() return unpack end)
assert(not ok or value == nil, "unpack is reachable")
