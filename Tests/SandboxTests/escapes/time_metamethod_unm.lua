-- Ends at its deadline: metamethod unm.
-- expect: timeout

return -setmetatable({}, {__unm = function() while true do end end})
