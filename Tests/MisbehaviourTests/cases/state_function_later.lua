-- Puts a function into a table that it has stored before.
-- trigger: get /state_function_later => 200 kept
-- trigger: reload 3
-- trigger: get /state_function_later/left => 200 left: t=table
-- expect: log state.t.deep.f is a function: left out
-- expect: log state.t.deep.g is a coroutine: left out
local nightjar = require "nightjar"

nightjar.http.get("/state_function_later", function()
  local t = { deep = {} }
  nightjar.state.set("t", t)
  t.deep.f = function() end
  local kept = nightjar.state.get("t")
  if kept then kept.deep.g = coroutine.create(print) end
  nightjar.state.all().t = print
  return "kept"
end)

nightjar.http.get("/state_function_later/left", function()
  local left = {}
  for key, value in pairs(nightjar.state.all()) do left[#left + 1] = #key < 10 and key .. "=" .. type(value) or "long" end
  table.sort(left)
  return "left: " .. table.concat(left, " ")
end)

return {}
