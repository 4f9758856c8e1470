-- What the measurements of echo, fan-out and plain HTTP talk to.
local nightjar = require "nightjar"

local M = {}

nightjar.websocket.endpoint("/echo", {
  message = function(conn, text)
    conn:send(text)
  end,
})

-- Everybody who connects listens. Who says "hello" is the publisher: it listens no longer, and what it says from then on
-- goes to all listeners.
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
