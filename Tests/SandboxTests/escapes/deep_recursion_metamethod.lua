-- Also through metamethods.
-- expect: error overflow
-- limits: memory=64MiB deadline=2000ms

local t t = setmetatable({}, {__index = function(_, k) return t[k] .. 'x' end}) return t.x
