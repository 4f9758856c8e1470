-- The generator checks its arguments.
-- expect: ok

local random = require("nightjar").random
assert(not pcall(random.integer, 2, 1))
assert(not pcall(random.bytes, 1 << 30))
assert(not pcall(random.bytes, -1))
assert(not pcall(random.sample, 10, 11))
assert(math.type(random.integer(math.mininteger, math.maxinteger)) == "integer")
