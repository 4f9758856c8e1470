-- Errors in closing replace each other.
-- expect: error late

local function c(n) return setmetatable({}, {__close = function() error('late ' .. n, 0) end}) end local a <close> = c(1) local b <close> = c(2)
