-- What the measurements of echo, fan-out and plain HTTP talk to.
local nightjar = require "nightjar"

local M = {}

-- Checking and copying 16 MiB takes longer than a game's message may.
M.limits = { slice_ms = 200 }

-- Made once: a table in the call would be a new one for every message.
local BINARY = { binary = true }

local MAX_MESSAGE = 16 * 1024 * 1024 -- the largest that conformance suites send

local function echo(conn, message, binary)
  if binary then conn:send(message, BINARY) else conn:send(message) end
end

nightjar.websocket.endpoint("/echo", {
  max_message = MAX_MESSAGE,
  message = echo,
})

-- The same for clients that offer compression: each message by itself, and with what came before.
nightjar.websocket.endpoint("/echo-deflate", {
  max_message = MAX_MESSAGE,
  compression = true,
  message = echo,
})
nightjar.websocket.endpoint("/echo-deflate-takeover", {
  max_message = MAX_MESSAGE,
  compression = { context_takeover = true, window_bits = 15, memory_level = 8 },
  message = echo,
})

-- Everybody who connects listens. Who says "hello" is the publisher: it listens no longer, and what
-- it says from then on goes to all listeners.
local listeners = nightjar.room("listeners")

local function listen(conn)
  listeners:join(conn)
end

local function publish(conn, text)
  if text == "hello" then
    listeners:leave(conn)
  else
    listeners:send(text, { except = conn })
  end
end

nightjar.websocket.endpoint("/fanout", { open = listen, message = publish })

-- The same room; who connects here and offers compression gets the messages compressed.
nightjar.websocket.endpoint("/fanout-deflate", {
  compression = true,
  open = listen,
  message = publish,
})

nightjar.http.get("/hello", function()
  return "hello"
end)

return M
