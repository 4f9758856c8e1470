-- Many arguments.
-- expect: ends

local t = {} for i = 1, 7000 do t[i] = i end local co = coroutine.create(function(...) return select('#', ...) end) return coroutine.resume(co, table.unpack(t))
