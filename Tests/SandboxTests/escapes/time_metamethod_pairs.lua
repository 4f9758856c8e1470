-- Ends at its deadline: metamethod pairs.
-- expect: timeout

for k in pairs(setmetatable({}, {__pairs = function() return function() return 1 end end})) do end
