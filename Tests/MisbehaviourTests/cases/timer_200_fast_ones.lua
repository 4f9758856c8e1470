-- 200 timers every millisecond, with a millisecond of work each.
-- expect: loads
local nightjar = require "nightjar"

for i = 1, 200 do
  nightjar.timer.every("fast" .. i, 0.001, function()
    local started = os.clock()
    while os.clock() - started < 0.001 do end -- luacheck: ignore
  end)
end

return {}
