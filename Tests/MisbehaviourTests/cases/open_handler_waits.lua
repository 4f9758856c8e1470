-- Clients whose opening never ends, and who send meanwhile.
-- trigger: sockets 50 /open_handler_waits x
-- expect: open
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/open_handler_waits", {
  open = function() nightjar.event.wait("never") end,
  message = function(conn, text) conn:send(text) end,
})

return {}
