-- Yields pass through pcall.
-- expect: ok

local co = coroutine.wrap(function() local ok, v = pcall(coroutine.yield, 1) return v end) assert(co() == 1 and co('back') == 'back')
