-- Sends half of a UTF-8 character to a room: nobody may be disconnected for it.
-- trigger: sockets 20 /text_cut_to_a_room go
-- expect: open
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/text_cut_to_a_room", {
  open = function(conn) nightjar.room("all"):join(conn) end,
  message = function()
    local text = ("é"):rep(10)
    nightjar.room("all"):send(text:sub(1, 5))
    nightjar.room("all"):send(text:sub(6))
    nightjar.room("all"):send("\xFF\xFE\xED\xA0\x80")
  end,
})

return {}
