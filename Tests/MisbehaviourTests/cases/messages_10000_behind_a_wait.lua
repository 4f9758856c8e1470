-- 10,000 messages behind a handler that never ends: its client is read no further.
-- trigger: messages 10000 /messages_10000_behind_a_wait text
-- expect: open
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/messages_10000_behind_a_wait", {
  message = function() nightjar.event.wait("never") end,
})

return {}
