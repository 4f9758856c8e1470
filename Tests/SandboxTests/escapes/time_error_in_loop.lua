-- Ends at its deadline: error in loop.
-- expect: timeout

while true do pcall(function() error(setmetatable({}, {__tostring = function() while true do end end})) end) end
