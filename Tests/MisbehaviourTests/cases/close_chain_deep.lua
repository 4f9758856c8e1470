-- A chain of 100,000 coroutines that close each other, in a handler.
-- trigger: get /close_chain_deep 3 => 200 closed or 500
local nightjar = require "nightjar"

nightjar.http.get("/close_chain_deep", function()
  local co
  for _ = 1, 100000 do
    local inner = co
    co = coroutine.create(function()
      local _ <close> = setmetatable({}, { __close = function() if inner then coroutine.close(inner) end end })
      coroutine.yield()
    end)
    coroutine.resume(co)
  end
  coroutine.close(co)
  return "closed"
end)
return {}
