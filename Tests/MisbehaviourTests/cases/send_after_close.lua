-- Goes on with connections that are closed.
-- trigger: sockets 20 /send_after_close go
-- expect: no errors
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/send_after_close", {
  message = function(conn)
    conn:close()
    for _ = 1, 100 do
      conn:send("x")
      nightjar.room("x"):join(conn)
      nightjar.room("x"):send("y")
      nightjar.sleep(0)
      conn:close(3000)
    end
  end,
})

return {}
