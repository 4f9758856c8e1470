-- os.getenv is not there.
-- expect: ok

local ok, value = pcall(function() return os.getenv end)
assert(not ok or value == nil, "os.getenv is reachable")
