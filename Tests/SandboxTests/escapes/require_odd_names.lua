-- Odd module names are errors.
-- expect: ok

assert(not pcall(require, ""))
assert(not pcall(require, ("x"):rep(1000)))
assert(not pcall(require, "a\0b"))
assert(not pcall(require, 5))
assert(not pcall(require, nil))
assert(not pcall(require, {}))
assert(not pcall(require, "nightjar."))
assert(not pcall(require, "nightjar.nothing"))
