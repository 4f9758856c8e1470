-- Ends at its deadline: metamethod call.
-- expect: timeout

return setmetatable({}, {__call = function() while true do end end})()
