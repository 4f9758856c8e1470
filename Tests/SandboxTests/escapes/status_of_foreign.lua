-- Only coroutines are coroutines.
-- expect: ok

assert(not pcall(coroutine.status, {})) assert(not pcall(coroutine.resume, nil)) assert(not pcall(coroutine.close, 'x')) assert(not pcall(coroutine.wrap, 5))
