-- Makes rooms without an end, with members.
-- trigger: sockets 3 /room_names_million go
-- expect: loads
-- limits: growth=256
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/room_names_million", {
  message = function(conn)
    local i = 0
    while true do
      for _ = 1, 500 do
        i = i + 1
        nightjar.room(("r"):rep(100) .. i):join(conn)
      end
      nightjar.sleep(0)
    end
  end,
})

return {}
