-- A timer every millisecond whose handler works for 18 ms.
-- trigger: wait 0.6
-- trigger: get /timer_faster_than_its_handler/runs => 200 bounded
local nightjar = require "nightjar"

local runs, began = 0, nightjar.now()
nightjar.timer.every("fast", 0.001, function()
  runs = runs + 1
  local started = os.clock()
  while os.clock() - started < 0.018 do end -- luacheck: ignore
end)

-- So many as it may be, and some.
nightjar.http.get("/timer_faster_than_its_handler/runs", function()
  local most = (nightjar.now() - began) / 18 + 2
  return runs > 0 and runs <= most and "bounded" or runs .. " of " .. most
end)

return {}
