-- The global io is not there.
-- expect: ok

local ok, value = pcall(function() return io end)
assert(not ok or value == nil, "io is reachable")
