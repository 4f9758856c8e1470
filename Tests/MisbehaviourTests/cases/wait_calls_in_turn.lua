-- Calls a function of another package, and that function calls back, 20,000 times.
-- trigger: get /wait_calls_in_turn => 200 20000
-- expect: no errors
-- limits: seconds=4
local nightjar = require "nightjar"

nightjar.provide("wait_calls_in_turn.add", function(n) return n + 1 end)
nightjar.http.get("/wait_calls_in_turn", function()
  local n = 0
  for _ = 1, 20000 do n = nightjar.call("turn.add", n) end
  return tostring(n)
end)

return {}
--@ Scripts/turn/main.lua
local nightjar = require "nightjar"

nightjar.provide("turn.add", function(n) return nightjar.call("wait_calls_in_turn.add", n) end)

return {}
