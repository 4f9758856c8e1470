-- One large table 256 times in a batch.
-- trigger: get /long_batch_one_table 3 => some 200 true or 500
local nightjar = require "nightjar"

nightjar.http.get("/long_batch_one_table", function()
  local value, changes = {}, {}
  for i = 1, 40000 do value[i] = i end
  for i = 1, 256 do changes[i] = { "set", "k" .. i, value } end
  return tostring(pcall(nightjar.store.batch, changes))
end)

return {}
