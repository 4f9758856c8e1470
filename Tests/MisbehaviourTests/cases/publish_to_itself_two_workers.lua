-- Publishes what it subscribes to, on both workers.
-- trigger: get /publish_to_itself_two_workers => 200 begun
-- limits: workers=2
local nightjar = require "nightjar"

nightjar.subscribe("loop2", function(value) nightjar.publish("loop2", value) end)
nightjar.http.get("/publish_to_itself_two_workers", function()
  nightjar.publish("loop2", 1)
  return "begun"
end)

return {}
