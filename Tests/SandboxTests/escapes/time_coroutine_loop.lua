-- Ends at its deadline: coroutine loop.
-- expect: timeout

coroutine.wrap(function() while true do end end)()
