-- Keeps a table that contains itself.
-- trigger: get /state_cycle => 200 kept
-- trigger: reload 3
-- trigger: get /state_cycle/left => 200 left: t=table
-- expect: log state.t.self is a table that contains itself: left out
local nightjar = require "nightjar"

nightjar.http.get("/state_cycle", function()
  local t = {}
  pcall(nightjar.state.set, "t", t)
  t.self = t
  pcall(nightjar.state.set, "u", t)
  return "kept"
end)

nightjar.http.get("/state_cycle/left", function()
  local left = {}
  for key, value in pairs(nightjar.state.all()) do left[#left + 1] = #key < 10 and key .. "=" .. type(value) or "long" end
  table.sort(left)
  return "left: " .. table.concat(left, " ")
end)

return {}
