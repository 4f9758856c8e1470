-- Logs without an end on one of two workers.
-- trigger: get /log_flood_two_workers 3 => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3 workers=2
local nightjar = require "nightjar"

nightjar.http.get("/log_flood_two_workers", function()
  while true do
    for i = 1, 1000 do nightjar.log.info("flood", { number = i, text = ("x"):rep(100) }) end
    nightjar.sleep(0)
  end
end)

return {}
