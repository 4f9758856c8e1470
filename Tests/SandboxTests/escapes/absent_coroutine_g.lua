-- coroutine._G is not there.
-- expect: ok

local ok, value = pcall(function() return coroutine._G end)
assert(not ok or value == nil, "coroutine._G is reachable")
