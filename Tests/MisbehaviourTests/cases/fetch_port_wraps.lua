-- Fetches from a host name with a port that is 65536 too large: it must not reach this server.
-- trigger: get /fetch_port_wraps => 200 false
-- expect: no errors
local nightjar = require "nightjar"

nightjar.http.get("/fetch_port_wraps", function(request)
  local port = tonumber(request.headers["x-port"]) + 65536
  local ok, response = pcall(nightjar.http.fetch, { url = "http://localhost:" .. port .. "/neighbour", timeout = 0.5 })
  return tostring(ok and response ~= nil and response.status == 200)
end)

return {}
