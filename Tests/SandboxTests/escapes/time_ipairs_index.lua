-- Ends at its deadline: ipairs index.
-- expect: timeout

for i in ipairs(setmetatable({}, {__index = function() return 1 end})) do end
