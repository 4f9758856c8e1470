-- os.tmpname is not there.
-- expect: ok

local ok, value = pcall(function() return os.tmpname end)
assert(not ok or value == nil, "os.tmpname is reachable")
