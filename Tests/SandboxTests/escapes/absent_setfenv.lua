-- The global setfenv is not there.
-- expect: ok

local ok, value = pcall(function() return setfenv end)
assert(not ok or value == nil, "setfenv is reachable")
