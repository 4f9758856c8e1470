-- Reads and writes a state of megabytes with each message.
-- trigger: messages 100 /state_megabytes_each_message x
-- expect: open
-- limits: growth=192
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/state_megabytes_each_message", {
  message = function()
    local text = nightjar.state.get("text", "")
    if #text > 4 << 20 then text = "" end
    nightjar.state.set("text", text .. ("x"):rep(500000))
    nightjar.state.set("copy", { text, nightjar.state.all() })
  end,
})

return {}
