-- Keeps a table that contains itself.
-- trigger: get /state_cycle
-- trigger: reload 3
local nightjar = require "nightjar"

nightjar.http.get("/state_cycle", function()
  local t = {}
  pcall(nightjar.state.set, "t", t)
  t.self = t
  pcall(nightjar.state.set, "u", t)
  return "kept"
end)

return {}
