-- Ends at its deadline: metamethod idiv.
-- expect: timeout

local t = setmetatable({}, {__idiv = function(a, b) return a // b end}) while true do pcall(function() return t // 1 end) end
