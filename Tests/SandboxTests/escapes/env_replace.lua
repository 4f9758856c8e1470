-- A chunk may have an environment of its own.
-- expect: ok

local _ENV = {assert = assert}
x = 1
assert(x == 1)
