-- os.execute is not there.
-- expect: ok

local ok, value = pcall(function() return os.execute end)
assert(not ok or value == nil, "os.execute is reachable")
