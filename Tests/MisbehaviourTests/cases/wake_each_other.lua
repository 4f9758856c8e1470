-- Two handlers that wake each other.
-- trigger: get /wake_each_other/ping => 500
-- trigger: get /wake_each_other/pong => 500
-- expect: errors timeout
-- limits: handler=1 seconds=1.3
local nightjar = require "nightjar"

nightjar.http.get("/wake_each_other/ping", function()
  while true do
    nightjar.event.notify("ping")
    nightjar.event.wait("pong", 0.5)
  end
end)
nightjar.http.get("/wake_each_other/pong", function()
  while true do
    nightjar.event.wait("ping", 0.5)
    nightjar.event.notify("pong")
  end
end)

return {}
