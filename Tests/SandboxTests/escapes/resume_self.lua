-- A running coroutine cannot be resumed.
-- expect: ok

local co co = coroutine.create(function() return coroutine.resume(co) end) local _, ok = coroutine.resume(co) assert(ok == false)
