-- 603b2c64: a handler that is put into the metatable afterwards is no handler.
-- expect: error attempt to concatenate a table value

local C = {}
local a, b = setmetatable({}, C), setmetatable({}, C)
C.__concat = function(x, y)
  local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
  deep(150)
  return setmetatable({}, C)
end
coroutine.wrap(function() return a .. "a" .. "b" .. b end)()
