-- Writes values into the store in memory until it takes no more.
-- trigger: get /memory_in_the_store => 200 full
-- limits: growth=420 seconds=2
local nightjar = require "nightjar"

nightjar.http.get("/memory_in_the_store", function()
  for i = 1, 5000 do
    local version, code = nightjar.store.set("k" .. i, ("x"):rep(1000000))
    if not version then return code end
  end
  return "without an end"
end)
return {}
