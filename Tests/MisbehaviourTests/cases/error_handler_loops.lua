-- Every message fails, and the handler for failures never ends.
-- trigger: messages 30 /error_handler_loops x
-- expect: error timeout
-- limits: seconds=1
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/error_handler_loops", {
  message = function() error("first") end,
  error = function()
    while true do end -- luacheck: ignore
  end,
})

return {}
