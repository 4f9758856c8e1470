-- Spawns 100,000 functions that sleep for an hour.
-- trigger: get /spawn_sleepers 4 => 200 begun or 503
local nightjar = require "nightjar"

nightjar.http.get("/spawn_sleepers", function()
  for _ = 1, 25000 do nightjar.spawn(nightjar.sleep, 3600) end
  return "begun"
end)

return {}
