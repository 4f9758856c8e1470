-- The global bit32 is not there.
-- expect: ok

local ok, value = pcall(function() return bit32 end)
assert(not ok or value == nil, "bit32 is reachable")
