-- Counts a room 20,000 times in one handler: each wait could end inside the call that begins it.
-- trigger: messages 1 /wait_room_counts go => counted 20000
-- trigger: messages 1 /wait_room_counts go => counted 20000
-- expect: no errors
-- limits: seconds=2.5
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/wait_room_counts", {
  message = function(conn)
    local n = 0
    for _ = 1, 20000 do
      nightjar.room("x"):count()
      n = n + 1
    end
    conn:send("counted " .. n)
  end,
})

return {}
