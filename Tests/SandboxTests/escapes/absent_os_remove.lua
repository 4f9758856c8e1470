-- os.remove is not there.
-- expect: ok

local ok, value = pcall(function() return os.remove end)
assert(not ok or value == nil, "os.remove is reachable")
