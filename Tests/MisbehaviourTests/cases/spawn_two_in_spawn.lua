-- A function that spawns itself twice.
-- trigger: get /spawn_two_in_spawn => 200 begun
local nightjar = require "nightjar"

nightjar.http.get("/spawn_two_in_spawn", function()
  local function f()
    nightjar.spawn(f)
    nightjar.spawn(f)
  end
  f()
  return "begun"
end)

return {}
