-- Yields pass through metamethods.
-- expect: ok

local t = setmetatable({}, {__index = function(_, k) return coroutine.yield(k) end}) local co = coroutine.wrap(function() return t.x end) assert(co() == 'x' and co(5) == 5)
