-- 20 members, and a message to all of them as fast as it goes.
-- trigger: sockets 20 /room_flood go => some message
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/room_flood", {
  open = function(conn) nightjar.room("all"):join(conn) end,
  message = function()
    for _ = 1, 50 do
      for i = 1, 200 do nightjar.room("all"):send("message " .. i) end
      nightjar.sleep(0)
    end
  end,
})

return {}
