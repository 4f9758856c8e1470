-- The same large table as seven arguments.
-- trigger: get /long_same_table_seven_times 3 => some 200 done or 500
local nightjar = require "nightjar"

nightjar.provide("long_same_table_seven_times.f", function(...) return ... end)
nightjar.http.get("/long_same_table_seven_times", function()
  local t = {}
  for i = 1, 100000 do t[i] = i end
  for _ = 1, 20 do
    pcall(nightjar.call, "long_same_table_seven_times.f", t, t, t, t, t, t, t)
  end
  return "done"
end)

return {}
