-- One value of a megabyte 256 times in a batch.
-- trigger: get /long_batch_one_value 3 => some 200 true or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_batch_one_value", function()
  local value, changes = ("x"):rep(1000000), {}
  for i = 1, 256 do changes[i] = { "set", "k" .. i, value } end
  return tostring(pcall(nightjar.store.batch, changes))
end)

return {}
