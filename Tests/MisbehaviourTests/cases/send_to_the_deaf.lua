-- Sends megabytes to clients that never read: they are closed, nothing piles up.
-- trigger: deaf 10 /send_to_the_deaf go
-- expect: loads
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/send_to_the_deaf", {
  message = function(conn)
    while true do
      for _ = 1, 10 do conn:send(("x"):rep(100000)) end
      nightjar.sleep(0)
    end
  end,
})

return {}
