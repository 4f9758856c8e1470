-- Keeps the bodies of requests that wait.
-- trigger: post /memory_in_request_bodies 900000 => 500
-- trigger: post /memory_in_request_bodies 900000 => 500
-- trigger: post /memory_in_request_bodies 9000000 => 413
-- limits: handler=1
local nightjar = require "nightjar"

nightjar.http.post("/memory_in_request_bodies", function(request)
  local body = request.body
  nightjar.event.wait("never")
  return body
end)
return {}
