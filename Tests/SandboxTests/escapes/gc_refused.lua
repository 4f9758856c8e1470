-- Finalizers would run outside of all limits.
-- expect: error a metatable may not have '__gc'

setmetatable({}, {__gc = function() while true do end end})
