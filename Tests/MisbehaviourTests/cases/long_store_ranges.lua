-- Reads a sorted set of 20,000 members in a loop.
-- trigger: get /long_store_ranges => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/long_store_ranges", function()
  for i = 1, 20000 do
    nightjar.store.add("set", ("member"):rep(20) .. i, i)
  end
  while true do nightjar.store.range("set", 1, -1) end
end)

return {}
