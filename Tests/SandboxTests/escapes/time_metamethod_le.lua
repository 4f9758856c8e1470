-- Ends at its deadline: metamethod le.
-- expect: timeout

local mt = {__le = function() while true do end end} return setmetatable({}, mt) <= setmetatable({}, mt)
