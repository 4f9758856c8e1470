-- Reasonable nesting works.
-- expect: ok

local closed = 0
local co = coroutine.create(print)
for i = 1, 50 do
  local inner = co
  co = coroutine.create(function()
    local x <close> = setmetatable({}, {__close = function() closed = closed + 1 coroutine.close(inner) end})
    coroutine.yield()
  end)
  coroutine.resume(co)
end
assert(coroutine.close(co))
assert(closed == 50)
