-- Keeps one table under two names, and a tree of shared ones that would be a billion apart.
-- trigger: get /state_reached_twice
-- trigger: reload 3
local nightjar = require "nightjar"

nightjar.http.get("/state_reached_twice", function()
  local t = { 1 }
  pcall(nightjar.state.set, "a", t)
  pcall(nightjar.state.set, "b", t)
  pcall(nightjar.state.set, "c", { t, t })
  local tree = { 1 }
  pcall(nightjar.state.set, "tree", tree)
  for _ = 1, 40 do tree = { tree, tree } end
  pcall(nightjar.state.set, "tree2", tree)
  return "kept"
end)

return {}
