-- A timer every millisecond whose handler works for 18 ms.
-- expect: loads
local nightjar = require "nightjar"

nightjar.timer.every("fast", 0.001, function()
  local started = os.clock()
  while os.clock() - started < 0.018 do end -- luacheck: ignore
end)

return {}
