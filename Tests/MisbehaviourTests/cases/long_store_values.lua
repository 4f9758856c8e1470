-- Writes and reads values of the largest size in a loop.
-- trigger: get /long_store_values 3 => some 200 done or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_store_values", function()
  local value = ("x"):rep(1000000)
  for i = 1, 300 do
    nightjar.store.set("k" .. i % 10, value)
    nightjar.store.get("k" .. i % 10)
    nightjar.store.set("k", ("x"):rep(8 << 20))
  end
  return "done"
end)

return {}
