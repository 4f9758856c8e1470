-- 3,000 messages from connections of both workers to handlers that never end.
-- trigger: messages 3000 /forwarded_flood_two_workers x
-- trigger: messages 3000 /forwarded_flood_two_workers x
-- trigger: messages 3000 /forwarded_flood_two_workers x
-- expect: open
-- limits: workers=2
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/forwarded_flood_two_workers", {
  message = function() nightjar.event.wait("never") end,
})

return {}
