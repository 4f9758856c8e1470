-- Ends at its deadline: metamethod lt.
-- expect: timeout

local mt = {__lt = function() while true do end end} return setmetatable({}, mt) < setmetatable({}, mt)
