-- Puts a function into a table that it has stored before.
-- trigger: get /state_function_later
-- trigger: reload 3
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

return {}
