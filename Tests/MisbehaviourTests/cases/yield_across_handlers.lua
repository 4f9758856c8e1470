-- A coroutine that waits in one handler and is resumed by others.
-- trigger: get /yield_across_handlers 30 => 200 falsefalse or 200 truetrue
local nightjar = require "nightjar"

local shared
nightjar.http.get("/yield_across_handlers", function()
  if not shared or coroutine.status(shared) == "dead" then
    shared = coroutine.create(function()
      while true do
        nightjar.sleep(0.01)
        coroutine.yield("x")
      end
    end)
  end
  return tostring(coroutine.resume(shared)) .. tostring(pcall(coroutine.close, shared))
end)
return {}
