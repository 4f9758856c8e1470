-- 20 deaf members, and a megabyte to all of them again and again: nothing piles up for them, and who reads is served.
-- trigger: deaf 20 /room_large_sends go
-- trigger: messages 3 /room_large_sends hello => hello
-- limits: growth=96 seconds=1.2
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/room_large_sends", {
  message = function(conn, text)
    if text == "hello" then return conn:send(text) end
    nightjar.room("all"):join(conn)
    local large = ("x"):rep(1 << 20)
    while true do
      nightjar.room("all"):send(large)
      nightjar.sleep(0.01)
    end
  end,
})

return {}
