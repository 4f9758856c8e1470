-- Too deep nesting says so.
-- expect: ok

local co = coroutine.create(print)
for i = 1, 200 do
  local inner = co
  co = coroutine.create(function()
    local x <close> = setmetatable({}, {__close = function() local ok, e = coroutine.close(inner) if not ok then error(e, 0) end end})
    coroutine.yield()
  end)
  coroutine.resume(co)
end
local ok, e = coroutine.close(co)
assert(not ok and tostring(e):find("too deeply"), tostring(e))
