-- A thousand fetches at once from a route of the same worker that takes 18 ms.
-- trigger: get /fetch_thousand => 200 begun
-- limits: handler=2
local nightjar = require "nightjar"

nightjar.http.get("/fetch_thousand/slow", function()
  local started = os.clock()
  while os.clock() - started < 0.018 do end -- luacheck: ignore
  return "slow"
end)
nightjar.http.get("/fetch_thousand", function(request)
  local url = "http://127.0.0.1:" .. request.headers["x-port"] .. "/fetch_thousand/slow"
  for _ = 1, 1000 do nightjar.spawn(nightjar.http.fetch, { url = url, timeout = 2 }) end
  return "begun"
end)

return {}
