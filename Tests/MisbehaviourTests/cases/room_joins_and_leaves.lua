-- Joins and leaves in a loop, and counts in between.
-- trigger: sockets 10 /room_joins_and_leaves go
-- expect: no errors
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/room_joins_and_leaves", {
  message = function(conn)
    local room = nightjar.room("x")
    while true do
      room:join(conn)
      room:leave(conn)
      room:count()
    end
  end,
})

return {}
