-- Spawns 300 functions that each work for 18 ms.
-- trigger: get /spawn_300_of_18ms => 200 begun
local nightjar = require "nightjar"

local function work()
  local started = os.clock()
  while os.clock() - started < 0.018 do end -- luacheck: ignore
end

nightjar.http.get("/spawn_300_of_18ms", function()
  for _ = 1, 300 do nightjar.spawn(work) end
  return "begun"
end)

return {}
