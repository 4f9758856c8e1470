-- Texts of objects count.
-- expect: error too large
-- limits: memory=64MiB deadline=2000ms

local s = ('x'):rep(1 << 23) local o = setmetatable({}, {__tostring = function() return s end}) return string.format('%s%s%s', o, o, o)
