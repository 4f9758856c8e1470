-- Records more effects in one slice than there may be.
-- trigger: messages 5 /effects_too_many go
-- expect: open
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/effects_too_many", {
  message = function()
    for _ = 1, 10000000 do nightjar.room("nobody"):send("x") end
  end,
})

return {}
