-- Ends at its deadline: metamethod len.
-- expect: timeout

return #setmetatable({}, {__len = function() while true do end end})
