-- 5,000 handlers that reach their time limit at the same moment.
-- trigger: messages 3000 /handler_timeouts_at_once x
-- expect: error timeout
-- limits: handler=1 seconds=2
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/handler_timeouts_at_once", {
  concurrent = true,
  message = function() nightjar.event.wait("never") end,
})

return {}
