-- A provided function starts two calls of itself, and so do they.
-- trigger: get /wait_calls_branching => 200 nil or 500
-- expect: errors busy or too many waiting handlers or took longer than
-- limits: handler=1 seconds=1.5
local nightjar = require "nightjar"

nightjar.provide("wait_calls_branching.f", function()
  nightjar.spawn(function() nightjar.call("wait_calls_branching.f") end)
  return nightjar.call("wait_calls_branching.f")
end)
nightjar.http.get("/wait_calls_branching", function() return tostring(nightjar.call("wait_calls_branching.f")) end)

return {}
