-- Errors come out of iterators.
-- expect: error inside

for x in coroutine.wrap(function() error('inside', 0) end) do end
