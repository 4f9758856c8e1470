-- In development mode: errors with megabytes, as fast as they come.
-- trigger: messages 500 /debug_error_flood x
-- expect: open
-- limits: debug=1
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/debug_error_flood", {
  message = function() error(("\255x"):rep(1 << 19), 0) end,
})
return {}
