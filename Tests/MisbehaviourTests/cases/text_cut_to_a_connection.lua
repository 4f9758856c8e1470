-- Sends half of a UTF-8 character to connections.
-- trigger: sockets 20 /text_cut_to_a_connection go
-- expect: open
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/text_cut_to_a_connection", {
  message = function(conn)
    conn:send(("€"):sub(1, 2))
    conn:send(("€"):sub(3))
    conn:send("\xF8\x88\x80\x80\x80")
  end,
})

return {}
