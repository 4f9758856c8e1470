-- Ends at its deadline: metamethod add.
-- expect: timeout

local t = setmetatable({}, {__add = function() while true do end end}) return t + 1
