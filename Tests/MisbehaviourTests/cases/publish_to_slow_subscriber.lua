-- Publishes 200,000 values to a subscriber that waits for ever with the first ones.
-- trigger: get /publish_to_slow_subscriber 2 => 200 done
local nightjar = require "nightjar"

nightjar.http.get("/publish_to_slow_subscriber", function()
  for round = 1, 100 do
    for _ = 1, 1000 do nightjar.publish("flood", { text = ("x"):rep(100), round = round }) end
    nightjar.sleep(0)
  end
  return "done"
end)

return {}
--@ Scripts/slow_subscriber/main.lua
local nightjar = require "nightjar"

nightjar.subscribe("flood", function() nightjar.event.wait("never") end)

return {}
