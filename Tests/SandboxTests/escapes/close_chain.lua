-- Nested coroutine.close has no depth limit in Lua 5.4.4.
-- expect: ends
-- limits: memory=512MiB deadline=5000ms slack=1500ms

local function link(co)
  return coroutine.create(function()
    local x <close> = setmetatable({}, {__close = function() coroutine.close(co) end})
    coroutine.yield()
  end)
end
local co = coroutine.create(print)
for i = 1, 100000 do
  co = link(co)
  coroutine.resume(co)
end
coroutine.close(co)
