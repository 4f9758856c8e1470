-- CVE-2022-33099: an error while handling an error.
-- expect: ends
-- limits: memory=64MiB deadline=2000ms

local function f(n) error(setmetatable({}, {__tostring = function() f(n + 1) end})) end xpcall(f, function(e) return tostring(e) end, 1)
