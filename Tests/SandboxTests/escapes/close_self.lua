-- A coroutine cannot close itself.
-- expect: error cannot close a running coroutine

local co co = coroutine.create(function() coroutine.close(co) end) local _, e = coroutine.resume(co) error(e, 0)
