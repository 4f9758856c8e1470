-- Ends at its deadline: coroutine create.
-- expect: timeout

while true do coroutine.create(function() end) end
