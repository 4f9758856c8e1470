-- os.rename is not there.
-- expect: ok

local ok, value = pcall(function() return os.rename end)
assert(not ok or value == nil, "os.rename is reachable")
