-- A traceback through many coroutines stays short.
-- expect: ok

local function nest(n)
  if n == 0 then error("deep") end
  return coroutine.wrap(function() return nest(n - 1) end)()
end
local ok, trace = xpcall(nest, function(_, trace) return trace end, 150)
assert(not ok and #trace < 20000, #trace)
