-- 3fe7be95: the handler while closing.
-- expect: ends

local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function(_, e) error(e) end}) error('first') end) return coroutine.resume(co)
