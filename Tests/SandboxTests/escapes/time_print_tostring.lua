-- Ends at its deadline: print tostring.
-- expect: timeout

print(setmetatable({}, {__tostring = function() while true do end end}))
