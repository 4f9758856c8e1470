-- Fetches for ever from a port where nobody listens.
-- trigger: get /fetch_refused_loop 3
-- expect: no errors
local nightjar = require "nightjar"

nightjar.http.get("/fetch_refused_loop", function()
  while true do nightjar.http.fetch { url = "http://127.0.0.1:1/" } end
end)

return {}
