-- 20 deaf members, and megabytes to all of them.
-- trigger: deaf 20 /room_large_sends go
-- expect: loads
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/room_large_sends", {
  open = function(conn) nightjar.room("all"):join(conn) end,
  message = function()
    local text = ("x"):rep(4 << 20)
    for _ = 1, 10 do
      nightjar.room("all"):send(text)
      nightjar.sleep(0)
    end
  end,
})

return {}
