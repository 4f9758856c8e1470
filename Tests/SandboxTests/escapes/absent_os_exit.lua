-- os.exit is not there.
-- expect: ok

local ok, value = pcall(function() return os.exit end)
assert(not ok or value == nil, "os.exit is reachable")
