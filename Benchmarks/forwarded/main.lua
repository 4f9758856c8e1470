-- Echo on a loop of its own: every message crosses from the socket's loop to this package's and
-- back.
local nightjar = require "nightjar"

local M = {}

-- Made once: a table in the call would be a new one for every message.
local BINARY = { binary = true }

M.workers = "dedicated"

nightjar.websocket.endpoint("/forwarded", {
  message = function(conn, message, binary)
    if binary then conn:send(message, BINARY) else conn:send(message) end
  end,
})

return M
