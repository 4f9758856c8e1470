-- Spawns functions that work for ever and catch what stops them.
-- trigger: get /spawn_catching_timeouts => 200 begun
local nightjar = require "nightjar"

nightjar.http.get("/spawn_catching_timeouts", function()
  for _ = 1, 50 do
    nightjar.spawn(function()
      while true do pcall(function() while true do end end) end -- luacheck: ignore
    end)
  end
  return "begun"
end)

return {}
