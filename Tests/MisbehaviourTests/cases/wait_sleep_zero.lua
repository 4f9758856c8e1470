-- Sleeps for 0 seconds in a loop, which is how one lets others go first.
-- trigger: get /wait_sleep_zero 3 => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/wait_sleep_zero", function()
  while true do nightjar.sleep(0) end
end)

return {}
