-- Logs without an end, from five handlers.
-- trigger: get /log_flood 5 => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/log_flood", function()
  while true do
    for i = 1, 1000 do nightjar.log.info("flood", { number = i, text = ("x"):rep(100) }) end
    nightjar.sleep(0)
  end
end)

return {}
