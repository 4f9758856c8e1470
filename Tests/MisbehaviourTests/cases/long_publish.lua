-- Publishes eight megabytes to 20 subscriptions, again and again.
-- trigger: get /long_publish => 500
-- expect: errors more than 4194304 bytes
-- limits: growth=256
local nightjar = require "nightjar"

for _ = 1, 20 do nightjar.subscribe("big", function() nightjar.sleep(0.05) end) end
nightjar.http.get("/long_publish", function()
  local text = ("x"):rep(1024):rep(8 << 10)
  for _ = 1, 100 do
    nightjar.publish("big", text)
    nightjar.sleep(0)
  end
  return "published"
end)

return {}
