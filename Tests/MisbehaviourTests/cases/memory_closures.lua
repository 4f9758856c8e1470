-- Closures that keep each other.
-- trigger: get /memory_closures 3 => 500
local nightjar = require "nightjar"

nightjar.http.get("/memory_closures", function()
  local f
  while true do
    local g = f
    f = function() return g end
  end
end)
return {}
