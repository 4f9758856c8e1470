-- Counts a room whose members live on both workers, for ever.
-- trigger: sockets 8 /wait_room_counts_two_workers go
-- expect: no errors
-- limits: workers=2
local nightjar = require "nightjar"

nightjar.websocket.endpoint("/wait_room_counts_two_workers", {
  open = function(conn) nightjar.room("x"):join(conn) end,
  message = function()
    while true do nightjar.room("x"):count() end
  end,
})

return {}
