-- Writes small keys into the store as fast as it can.
-- trigger: get /store_keys_without_end 3 => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/store_keys_without_end", function()
  local i = 0
  while true do
    i = i + 1
    nightjar.store.set("key" .. nightjar.random.integer(1, 1000000), i, { ttl = 60 })
  end
end)
return {}
