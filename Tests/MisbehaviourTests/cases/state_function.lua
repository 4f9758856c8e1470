-- Keeps a function in its state: told with its path, and never in the way of a reload.
-- trigger: get /state_function => 200 kept
-- trigger: reload 3
-- trigger: get /state_function/left => 200 left: good=number
local nightjar = require "nightjar"

nightjar.http.get("/state_function", function()
  pcall(nightjar.state.set, "good", 1)
  pcall(nightjar.state.set, "bad", { deep = { f = print } })
  return "kept"
end)

nightjar.http.get("/state_function/left", function()
  local left = {}
  for key, value in pairs(nightjar.state.all()) do left[#left + 1] = #key < 10 and key .. "=" .. type(value) or "long" end
  table.sort(left)
  return "left: " .. table.concat(left, " ")
end)

return {}
