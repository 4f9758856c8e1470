-- Reads a sorted set of 20,000 members in a loop.
-- trigger: get /long_store_ranges
-- expect: loads
-- limits: seconds=1.5
local nightjar = require "nightjar"

nightjar.http.get("/long_store_ranges", function()
  for i = 1, 20000 do
    nightjar.store.add("set", ("member"):rep(20) .. i, i)
  end
  while true do nightjar.store.range("set", 1, -1) end
end)

return {}
