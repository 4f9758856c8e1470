-- Odd arguments.
-- expect: ok

assert(not pcall(math.random, 0, -1)) assert(math.tointeger('x') == nil) assert(math.floor(-0.5) == -1) assert(not pcall(math.abs)) assert(math.ult(1, -1))
