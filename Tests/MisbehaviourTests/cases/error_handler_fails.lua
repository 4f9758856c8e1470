-- Every message fails, and so does the handler for failures.
-- trigger: messages 500 /error_handler_fails x
-- expect: error first
-- expect: open
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/error_handler_fails", {
  message = function() error("first") end,
  error = function() error("second") end,
})

return {}
