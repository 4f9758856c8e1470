-- string.dump is not there.
-- expect: ok

local ok, value = pcall(function() return string.dump end)
assert(not ok or value == nil, "string.dump is reachable")
