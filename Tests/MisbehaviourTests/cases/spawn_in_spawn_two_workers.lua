-- A function that spawns itself, on one of two workers.
-- trigger: get /spawn_in_spawn_two_workers => 200 begun
-- expect: no errors
-- limits: workers=2
local nightjar = require "nightjar"

nightjar.http.get("/spawn_in_spawn_two_workers", function()
  local function f() nightjar.spawn(f) end
  f()
  return "begun"
end)

return {}
