-- The handler itself cannot yield to the host.
-- expect: error attempt to yield from outside a coroutine

coroutine.yield()
