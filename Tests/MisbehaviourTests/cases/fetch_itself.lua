-- A route that fetches itself, which fetches itself.
-- trigger: get /fetch_itself => 200 too deep or 500
-- limits: handler=1 seconds=1.5
local nightjar = require "nightjar"

nightjar.http.get("/fetch_itself", function(request)
  local port = request.headers["x-port"]
  local answer = nightjar.http.fetch {
    url = "http://127.0.0.1:" .. port .. "/fetch_itself", headers = { ["x-port"] = port }, timeout = 1,
  }
  return answer and answer.body or "too deep"
end)

return {}
