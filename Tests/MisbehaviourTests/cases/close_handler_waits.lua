-- Clients leave, and their close handlers never end; new ones come.
-- trigger: closes 100 /close_handler_waits
-- trigger: closes 100 /close_handler_waits
-- trigger: wait 0.5
-- trigger: get /close_handler_waits/closed => 200 200
local nightjar = require "nightjar"

local closed = 0
nightjar.websocket.endpoint("/close_handler_waits", {
  message = function() end,
  close = function(conn)
    closed = closed + 1
    conn:send("too late")
    nightjar.event.wait("never")
  end,
})

nightjar.http.get("/close_handler_waits/closed", function() return tostring(closed) end)

return {}
