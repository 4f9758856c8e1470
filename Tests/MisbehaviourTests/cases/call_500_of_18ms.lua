-- 500 calls of a function of another package that works for 18 ms.
-- trigger: get /call_500_of_18ms => 200 begun
local nightjar = require "nightjar"

nightjar.http.get("/call_500_of_18ms", function()
  for _ = 1, 500 do nightjar.spawn(nightjar.call, "slow_provider.f") end
  return "begun"
end)

return {}
--@ Scripts/slow_provider/main.lua
local nightjar = require "nightjar"

nightjar.provide("slow_provider.f", function()
  local started = os.clock()
  while os.clock() - started < 0.018 do end -- luacheck: ignore
end)

return {}
