-- Clients leave, and their close handlers never end; new ones come.
-- trigger: closes 100 /close_handler_waits
-- trigger: closes 100 /close_handler_waits
-- expect: loads
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/close_handler_waits", {
  message = function() end,
  close = function(conn)
    conn:send("too late")
    nightjar.event.wait("never")
  end,
})

return {}
