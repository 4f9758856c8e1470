-- Asks for the members of a room for ever.
-- trigger: messages 1 /wait_room_members go
-- expect: no errors
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/wait_room_members", {
  open = function(conn) nightjar.room("x"):join(conn) end,
  message = function()
    while true do nightjar.room("x"):members() end
  end,
})

return {}
