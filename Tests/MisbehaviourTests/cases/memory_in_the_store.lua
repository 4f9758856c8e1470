-- Writes values into the store in memory without an end, counted by nobody.
-- trigger: get /memory_in_the_store
-- expect: loads
-- limits: growth=900
local nightjar = require "nightjar"

nightjar.http.get("/memory_in_the_store", function()
  for i = 1, 500 do nightjar.store.set("k" .. i, ("x"):rep(1000000)) end
  return "done"
end)
return {}
