-- Keeps connections, rooms, timers and requests.
-- trigger: sockets 3 /state_connection x
-- trigger: get /state_connection
-- trigger: reload 3
-- expect: open
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/state_connection", {
  message = function(conn)
    pcall(nightjar.state.set, "conn", conn)
    pcall(nightjar.state.set, "room", { nightjar.room("x") })
    pcall(function() conn.data = { me = conn } end)
  end,
})
nightjar.http.get("/state_connection", function(request)
  pcall(nightjar.state.set, "request", request)
  pcall(nightjar.state.set, "timer", nightjar.timer.after(60, print))
  return "kept"
end)

return {}
