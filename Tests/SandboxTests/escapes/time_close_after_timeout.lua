-- Ends at its deadline: close after timeout.
-- expect: timeout

local x <close> = setmetatable({}, {__close = function() while true do end end}) while true do end
