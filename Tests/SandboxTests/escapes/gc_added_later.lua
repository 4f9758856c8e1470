-- A finalizer added later never runs.
-- expect: ok
-- limits: deadline=2000ms

local mt = {}
setmetatable({}, mt)
mt.__gc = function() while true do end end
for i = 1, 100000 do local t = {i} end
assert(not pcall(setmetatable, {}, mt))
