-- Reads the store in memory 20,000 times in one handler.
-- trigger: get /wait_store_gets => 200 read
-- expect: no errors
-- limits: seconds=2.5
local nightjar = require "nightjar"

nightjar.http.get("/wait_store_gets", function()
  for _ = 1, 20000 do nightjar.store.get("key") end
  return "read"
end)

return {}
