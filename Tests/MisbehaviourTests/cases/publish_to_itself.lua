-- Subscribes to a topic and publishes it.
-- trigger: get /publish_to_itself => 200 begun
-- expect: no errors
local nightjar = require "nightjar"

nightjar.subscribe("loop", function(value) nightjar.publish("loop", value) end)
nightjar.http.get("/publish_to_itself", function()
  nightjar.publish("loop", { text = "x" })
  return "begun"
end)

return {}
