-- One client sends 60 messages that take 18 ms each.
-- trigger: messages 60 /messages_60_of_18ms x
-- expect: open
-- limits: seconds=1
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/messages_60_of_18ms", {
  message = function(conn)
    local started = os.clock()
    while os.clock() - started < 0.018 do end -- luacheck: ignore
    conn:send("done")
  end,
})

return {}
