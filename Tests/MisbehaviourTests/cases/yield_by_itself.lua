-- Yields to the host what the host did not ask for.
-- trigger: get /yield_by_itself 10 => 500
local nightjar = require "nightjar"

nightjar.http.get("/yield_by_itself", function()
  coroutine.yield()
  coroutine.yield(1, 2, 3)
  return "back"
end)
return {}
