-- Two packages call each other, each call inside the other's, without an end.
-- trigger: get /wait_two_packages => 200 nil or 500
-- limits: handler=1 seconds=1.5
local nightjar = require "nightjar"

nightjar.provide("wait_two_packages.ping", function(n) return nightjar.call("pong.pong", n + 1) end)
nightjar.http.get("/wait_two_packages", function()
  return tostring(nightjar.call("wait_two_packages.ping", 0))
end)

return {}
--@ Scripts/pong/main.lua
local nightjar = require "nightjar"

nightjar.provide("pong.pong", function(n) return nightjar.call("wait_two_packages.ping", n + 1) end)

return {}
