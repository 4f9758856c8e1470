-- Fetches from a package with a thread of its own, whose loop has no sockets.
-- trigger: get /fetch_dedicated 5 => 200 well
-- expect: no errors
local nightjar = require "nightjar"

nightjar.http.get("/fetch_dedicated", function(request)
  return nightjar.http.fetch { url = "http://127.0.0.1:" .. request.headers["x-port"] .. "/neighbour" }.body
end)

return { workers = "dedicated" }
