-- Readers cannot yield.
-- expect: error attempt to yield across a C-call boundary

local f, e = coroutine.wrap(function() return load(function() coroutine.yield('x') end) end)() error(e, 0)
