-- A provided function calls itself, deeper and deeper.
-- trigger: get /wait_calls_itself => 200 nil or 500
-- limits: handler=1 seconds=1.5
local nightjar = require "nightjar"

nightjar.provide("wait_calls_itself.f", function(n) return nightjar.call("wait_calls_itself.f", n + 1) end)
nightjar.http.get("/wait_calls_itself", function() return tostring(nightjar.call("wait_calls_itself.f", 1)) end)

return {}
