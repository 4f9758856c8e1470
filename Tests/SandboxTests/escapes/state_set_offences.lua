-- What does not survive is refused where it is stored, with its path.
-- expect: ok

local state = require("nightjar").state
local cycle = {}
cycle[1] = { cycle }
local shared = {}
local conn = ...
for _, case in ipairs({
  { { a = { b = print } }, "state.key.a.b is a function" },
  { cycle, "state.key[1][1] is a table that contains itself" },
  { { shared, shared }, "state.key[2] is a table that occurs twice" },
  { { coroutine.create(print) }, "state.key[1] is a coroutine" },
  { setmetatable({}, {}), "state.key has a metatable" },
  { { [{}] = 1 }, "state.key has a table as a key" },
  { conn, "state.key is a userdata" },
}) do
  local ok, why = pcall(state.set, "key", case[1])
  assert(not ok and why:find(case[2], 1, true), why)
  assert(state.get("key") == nil)
end
