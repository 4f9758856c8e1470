-- Sends 100,000 messages in one handler.
-- trigger: messages 3 /send_100000 go => nothing
-- expect: errors timeout
-- expect: open
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/send_100000", {
  message = function(conn)
    for i = 1, 100000 do conn:send("message " .. i) end
  end,
})

return {}
