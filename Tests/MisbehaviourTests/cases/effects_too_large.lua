-- Records effects of more bytes than there may be.
-- trigger: messages 5 /effects_too_large go
-- expect: open
-- limits: growth=256
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/effects_too_large", {
  message = function(conn)
    local text = ("x"):rep(1 << 20)
    for _ = 1, 1000 do nightjar.room("nobody"):send(text) end
    conn:send("done")
  end,
})

return {}
