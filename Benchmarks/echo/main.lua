-- What the measurements of echo, fan-out and plain HTTP talk to.
local nightjar = require "nightjar"

local M = {}

-- Made once: a table in the call would be a new one for every message.
local BINARY = { binary = true }

nightjar.websocket.endpoint("/echo", {
  max_message = 16 * 1024 * 1024, -- the largest that conformance suites send
  message = function(conn, message, binary)
    if binary then conn:send(message, BINARY) else conn:send(message) end
  end,
})

-- Everybody who connects listens. Who says "hello" is the publisher: it listens no longer, and what
-- it says from then on goes to all listeners.
local listeners = nightjar.room("listeners")

nightjar.websocket.endpoint("/fanout", {
  open = function(conn)
    listeners:join(conn)
  end,
  message = function(conn, text)
    if text == "hello" then
      listeners:leave(conn)
    else
      listeners:send(text, { except = conn })
    end
  end,
})

nightjar.http.get("/hello", function()
  return "hello"
end)

return M
