-- Counts in the store from five handlers at once, for ever.
-- trigger: get /wait_store_increments 5
-- expect: no errors
local nightjar = require "nightjar"

nightjar.http.get("/wait_store_increments", function()
  while true do nightjar.store.increment("key") end
end)

return {}
