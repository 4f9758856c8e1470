-- Spawns functions that each hold a megabyte and wait.
-- trigger: get /memory_spawned_arguments 3 => 500
local nightjar = require "nightjar"

nightjar.http.get("/memory_spawned_arguments", function()
  for i = 1, 1000 do
    nightjar.spawn(function(text)
      nightjar.sleep(3600)
      return text
    end, ("x"):rep(1000000) .. i)
  end
end)
return {}
