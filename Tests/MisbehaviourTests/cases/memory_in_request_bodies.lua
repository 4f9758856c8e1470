-- Keeps the bodies of requests that wait.
-- trigger: post /memory_in_request_bodies 900000
-- trigger: post /memory_in_request_bodies 900000
-- trigger: post /memory_in_request_bodies 90000000
-- expect: loads
-- limits: handler=1
local nightjar = require "nightjar"

nightjar.http.post("/memory_in_request_bodies", function(request)
  local body = request.body
  nightjar.event.wait("never")
  return body
end)
return {}
