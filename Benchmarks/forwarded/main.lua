-- Echo on a loop of its own: every message crosses from the socket's loop to this package's and
-- back.
local nightjar = require "nightjar"

local M = {}

-- Made once: a table in the call would be a new one for every message.
local BINARY = { binary = true }

M.workers = "dedicated"

-- Checking and copying 16 MiB takes longer than a game's message may.
M.limits = { slice_ms = 200 }

nightjar.websocket.endpoint("/forwarded", {
  max_message = 16 * 1024 * 1024, -- the largest that conformance suites send
  message = function(conn, message, binary)
    if binary then conn:send(message, BINARY) else conn:send(message) end
  end,
})

return M
