-- Doubles a string until there is no more.
-- trigger: get /memory_strings 5 => 500
local nightjar = require "nightjar"

nightjar.http.get("/memory_strings", function()
  local text = "x"
  while true do text = text .. text end
end)
return {}
