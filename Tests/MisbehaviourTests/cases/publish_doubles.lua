-- Two packages answer each publication with two.
-- trigger: get /publish_doubles => 200 begun
local nightjar = require "nightjar"

nightjar.subscribe("left", function()
  nightjar.publish("right", 1)
  nightjar.publish("right", 2)
end)
nightjar.http.get("/publish_doubles", function()
  nightjar.publish("right", 0)
  return "begun"
end)

return {}
--@ Scripts/publish_right/main.lua
local nightjar = require "nightjar"

nightjar.subscribe("right", function()
  nightjar.publish("left", 1)
  nightjar.publish("left", 2)
end)

return {}
