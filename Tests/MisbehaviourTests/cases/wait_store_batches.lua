-- Writes batches for ever.
-- trigger: get /wait_store_batches => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/wait_store_batches", function()
  while true do
    nightjar.store.batch { { "set", "a", 1 }, { "add", "set", "m", 2 }, { "delete", "a" } }
  end
end)

return {}
