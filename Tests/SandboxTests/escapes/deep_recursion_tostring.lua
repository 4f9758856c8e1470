-- Also through C.
-- expect: error overflow
-- limits: memory=64MiB deadline=2000ms

local t t = setmetatable({}, {__tostring = function() return tostring(t) end}) return tostring(t)
