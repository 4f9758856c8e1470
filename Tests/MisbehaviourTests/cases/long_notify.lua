-- Notifies 2,000 waiters of eight megabytes.
-- trigger: get /long_notify => 500
-- expect: errors more than 4194304 bytes
-- limits: growth=256
local nightjar = require "nightjar"

nightjar.http.get("/long_notify", function()
  for _ = 1, 2000 do nightjar.spawn(nightjar.event.wait, "big", 20) end
  nightjar.sleep(0)
  nightjar.event.notify("big", ("x"):rep(1024):rep(8 << 10))
  return "notified"
end)

return {}
