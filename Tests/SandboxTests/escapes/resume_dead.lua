-- A dead one neither.
-- expect: ok

local co = coroutine.create(function() end) coroutine.resume(co) for i = 1, 100 do assert(not coroutine.resume(co)) end
