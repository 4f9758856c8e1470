-- A function that spawns itself.
-- trigger: get /spawn_in_spawn => 200 begun
-- expect: no errors
local nightjar = require "nightjar"

nightjar.http.get("/spawn_in_spawn", function()
  local function f() nightjar.spawn(f) end
  f()
  return "begun"
end)

return {}
