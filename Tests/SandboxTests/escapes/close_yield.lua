-- Yields while closing.
-- expect: ends

local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() coroutine.yield() end}) coroutine.yield() end) coroutine.resume(co) coroutine.close(co)
