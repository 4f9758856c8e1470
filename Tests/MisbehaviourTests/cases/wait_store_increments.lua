-- Counts in the store from five handlers at once, for ever.
-- trigger: get /wait_store_increments 5 => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/wait_store_increments", function()
  while true do nightjar.store.increment("key") end
end)

return {}
