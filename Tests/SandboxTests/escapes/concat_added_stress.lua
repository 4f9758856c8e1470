-- Handlers of every depth, in coroutines of every age: none is ever called.
-- expect: ok
-- limits: memory=16MiB deadline=2000ms slack=200ms

local called = 0
local C = {}
local objects = {}
for i = 1, 50 do objects[i] = setmetatable({}, C) end
C.__concat = function(a, b)
  called = called + 1
  local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
  return deep(called % 190)
end
for round = 1, 400 do
  coroutine.wrap(function(...)
    for i = 1, round % 30 do local _ = { ..., i } end
    pcall(function() return objects[1] .. "a" .. objects[2] .. round .. objects[3] end)
  end)(table.unpack(objects, 1, round % 50))
end
assert(called == 0)
