-- Fetches for ever from a port where nobody listens.
-- trigger: get /fetch_refused_loop 3 => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/fetch_refused_loop", function()
  while true do nightjar.http.fetch { url = "http://127.0.0.1:1/" } end
end)

return {}
