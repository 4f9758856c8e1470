--- Party relay for Monster Hunter: the leader of a hunt pushes what happens to the monsters, the
-- other members of the session receive it. This file says what is where; the messages are in
-- messages.lua.

local nightjar = require "nightjar"
local messages = require "messages"
local polling = require "polling"
local settings = require "settings"
local status = require "status"

---@type nightjar.Package
local M = {}

M.listener = "sync"
-- All sessions in one place: that is what keeps counts and order right.
M.workers = "one"
-- Of the book in `nightjar.state`, see sessions.lua.
M.version = 1
-- 20,000 sessions, 60,000 sockets and the last pushes are about 70 MiB.
M.limits = { memory_mb = 256 }

local HEADERS = {
  ["content-type"] = "text/html; charset=utf-8",
  ["access-control-allow-origin"] = "*",
}

nightjar.http.get("/version", function()
  return { headers = HEADERS, body = status.VERSION }
end, { cors = true })

nightjar.http.get("/", function()
  local book = messages.book()
  local counts = { "Active sessions: " .. book.count, "Active sockets: " .. book.sockets }
  local page = status.page(counts, book.received, nightjar.now() - book.started)
  return { headers = HEADERS, body = page }
end, { cors = true })

nightjar.websocket.endpoint("/connect", {
  open = messages.open,
  message = messages.message,
  close = messages.close,
  error = messages.failed,
  origins = { "*" },
  -- The plug-in's messages have at most 16 KiB; other clients may pack more into one.
  max_message = 1 << 20,
  -- Small messages would grow; without takeover no connection keeps a compressor.
  compression = { threshold = 50, context_takeover = false },
  -- The clients do the pinging. Who neither pings nor says anything is gone.
  ping_interval = false,
  pings_keep_alive = true,
  -- The server's clock keeps nothing shorter than 50 ms.
  idle_timeout = math.max(0.05, settings.socket_timeout_ms / 1000),
})

if settings.polling then polling.start() end

--- The clock of the status page starts with the server.
function M.on_ready()
  messages.book()
end

return M
