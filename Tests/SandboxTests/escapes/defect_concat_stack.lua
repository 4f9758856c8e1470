-- 603b2c64: a growing stack under __concat; the handler is refused.
-- expect: error a metatable may not have '__concat'

local C = {}
C.__index = C
C.__concat = function(a, b)
  local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
  deep(40)
  return setmetatable({}, C)
end
coroutine.wrap(function() return setmetatable({}, C) .. "a" .. "b" .. setmetatable({}, C) end)()
