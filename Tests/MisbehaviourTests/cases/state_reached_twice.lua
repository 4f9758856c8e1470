-- Keeps one table under two names, and a tree of shared ones that would be a billion apart.
-- trigger: get /state_reached_twice => 200 kept
-- trigger: reload 3
-- trigger: get /state_reached_twice/left => tree=table
-- expect: log is a table that occurs twice: left out
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

nightjar.http.get("/state_reached_twice/left", function()
  local left = {}
  for key, value in pairs(nightjar.state.all()) do left[#left + 1] = #key < 10 and key .. "=" .. type(value) or "long" end
  table.sort(left)
  return "left: " .. table.concat(left, " ")
end)

return {}
