-- A loaded chunk sees the globals, not the registry.
-- expect: ok

-- Without debug there is no way to the upvalues of host functions; _ENV is the only upvalue a chunk has.
local chunk = load("local a = ... return a, _ENV")
local a, env = chunk(1)
assert(a == 1 and env == _G)
