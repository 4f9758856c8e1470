-- os.setlocale is not there.
-- expect: ok

local ok, value = pcall(function() return os.setlocale end)
assert(not ok or value == nil, "os.setlocale is reachable")
