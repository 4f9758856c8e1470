-- The handler cannot be resumed.
-- expect: ok

local main = coroutine.running() assert(not coroutine.resume(main)) assert(coroutine.status(main) == 'running')
