-- Makes rooms without an end, with members.
-- trigger: sockets 3 /room_names_million go
-- trigger: get /room_names_million/first => 200 3 or 200 2 or 200 1
-- expect: open
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

nightjar.http.get("/room_names_million/first", function() return tostring(nightjar.room(("r"):rep(100) .. 1):count()) end)

return {}
