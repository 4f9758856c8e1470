-- Errors while closing.
-- expect: ends

local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() error({}) end}) error('first') end) coroutine.resume(co) coroutine.close(co)
