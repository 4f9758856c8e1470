-- Sends megabytes to clients that never read: nothing piles up for them, and those that read are served.
-- trigger: deaf 10 /send_to_the_deaf go
-- trigger: messages 3 /send_to_the_deaf hello => hello
-- limits: growth=48 seconds=1.2
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/send_to_the_deaf", {
  message = function(conn, text)
    if text == "hello" then return conn:send(text) end
    while true do
      for _ = 1, 10 do conn:send(("x"):rep(100000)) end
      nightjar.sleep(0)
    end
  end,
})

return {}
