-- Requests with fields of every wrong kind.
-- trigger: get /fetch_odd_requests => 200 done
-- expect: no errors
local nightjar = require "nightjar"

nightjar.http.get("/fetch_odd_requests", function(request)
  local url = "http://127.0.0.1:" .. request.headers["x-port"] .. "/neighbour"
  local odd = {
    {}, { url = 5 }, { url = "" }, { url = "http://" }, { url = "http:///x" }, { url = ("http://" .. ("a"):rep(100000)) },
    { url = url, method = ("X"):rep(100000) }, { url = url, method = "GET\r\nX: y" }, { url = url, body = {} },
    { url = url, headers = { [("a"):rep(100000)] = "b" } }, { url = url, headers = { a = ("b"):rep(1000000) } },
    { url = url, headers = { a = { "b\r\nc: d" } } }, { url = url, timeout = 0 / 0 }, { url = url, timeout = -1 },
    { url = url, timeout = 1e300 }, { url = url, max_body = -1 }, { url = url, max_body = 1e300 }, { url = url, headers = 7 },
  }
  for _, request_ in ipairs(odd) do pcall(nightjar.http.fetch, request_) end
  return "done"
end)

return {}
