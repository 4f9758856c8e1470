-- Ends at its deadline: concat index.
-- expect: timeout

table.concat(setmetatable({}, {__index = function() return '' end}), '', 1, math.maxinteger - 1)
