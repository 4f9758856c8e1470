-- Keeps a function in its state: told with its path, and never in the way of a reload.
-- trigger: get /state_function
-- trigger: reload 3
-- expect: loads
local nightjar = require "nightjar"

nightjar.http.get("/state_function", function()
  pcall(nightjar.state.set, "good", 1)
  pcall(nightjar.state.set, "bad", { deep = { f = print } })
  return "kept"
end)

return {}
