-- 200 timers every millisecond, with a millisecond of work each.
-- trigger: wait 0.6
-- trigger: get /timer_200_fast_ones/runs => 200 bounded
local nightjar = require "nightjar"

local runs, began = 0, nightjar.now()
for i = 1, 200 do
  nightjar.timer.every("fast" .. i, 0.001, function()
    runs = runs + 1
    local started = os.clock()
    while os.clock() - started < 0.001 do end -- luacheck: ignore
  end)
end

-- So many as it may be, and some.
nightjar.http.get("/timer_200_fast_ones/runs", function()
  local most = (nightjar.now() - began) / 1 + 2
  return runs > 0 and runs <= most and "bounded" or runs .. " of " .. most
end)

return {}
