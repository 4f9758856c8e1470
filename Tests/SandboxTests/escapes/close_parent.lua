-- Nor its parent.
-- expect: error cannot close a normal coroutine

local a a = coroutine.create(function() coroutine.wrap(function() coroutine.close(a) end)() end) local _, e = coroutine.resume(a) error(e, 0)
