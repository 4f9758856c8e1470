-- A refused string may be caught; nothing was allocated.
-- expect: ok
-- limits: memory=1MiB deadline=5000ms

local s = ("x"):rep(400000)
local ok, e = pcall(function() return s .. s .. s .. s .. s .. s end)
assert(not ok and tostring(e):find("memory"), tostring(e))
