-- Echo on a loop of its own: every message crosses from the socket's loop to this package's and back.
local nightjar = require "nightjar"

local M = {}

M.workers = "dedicated"

nightjar.websocket.endpoint("/forwarded", {
  message = function(conn, text)
    conn:send(text)
  end,
})

return M
