-- The same on a concurrent endpoint: all of them wait.
-- trigger: messages 10000 /messages_10000_concurrent text
-- trigger: messages 10000 /messages_10000_concurrent text
-- trigger: messages 10000 /messages_10000_concurrent text
-- expect: error busy
-- expect: open
-- limits: handler=1 seconds=1.5 growth=192
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/messages_10000_concurrent", {
  concurrent = true,
  message = function() nightjar.event.wait("never") end,
})

return {}
