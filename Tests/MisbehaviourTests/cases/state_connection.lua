-- Keeps connections, rooms, timers and requests.
-- trigger: sockets 3 /state_connection x
-- trigger: get /state_connection => 200 kept
-- trigger: reload 3
-- trigger: get /state_connection/left => 200 left: 
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

nightjar.http.get("/state_connection/left", function()
  local left = {}
  for key, value in pairs(nightjar.state.all()) do left[#left + 1] = #key < 10 and key .. "=" .. type(value) or "long" end
  table.sort(left)
  return "left: " .. table.concat(left, " ")
end)

return {}
