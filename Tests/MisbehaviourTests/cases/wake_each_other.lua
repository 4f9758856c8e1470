-- Two handlers that wake each other.
-- trigger: get /wake_each_other/ping
-- trigger: get /wake_each_other/pong
-- expect: no errors
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
