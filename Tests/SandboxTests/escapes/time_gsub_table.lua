-- Ends at its deadline: gsub table.
-- expect: timeout

string.gsub('abc', '%w', setmetatable({}, {__index = function() while true do end end}))
