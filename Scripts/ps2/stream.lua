--- The socket to the event service, declared by name, so that it survives reloads. What comes in is
-- handed to whoever has said that it wants it: `receiver`.

local nightjar = require "nightjar"
local limits = require "limits"
local settings = require "settings"

local M = {}

---@class ps2.Receiver
---@field opened fun(conn: integer)
---@field message fun(text: string, binary: boolean)
---@field closed fun(conn: integer, code: integer, reason: string)
---@field failed fun(failure: {code: string, message: string, status?: integer}, retry?: number)
M.receiver = nil

-- The query is ours; a base with one of its own keeps it.
local function url()
  local base = settings.ess_url
  return base .. (base:find("?", 1, true) and "&" or "?") .. "environment=" .. settings.environment
    .. "&service-id=s:" .. settings.service_id
end

M.socket = nightjar.websocket.connect("ess", url(), {
  on_demand = true,
  reconnect = {
    first = settings.backoff_first, initial = settings.backoff_initial, factor = 1.618,
    max = settings.backoff_max,
  },
  ping_interval = 20,
  pong_timeout = 20,
  max_message = limits.message_bytes,
  open = function(conn) M.receiver.opened(conn.id) end,
  message = function(_, text, binary) M.receiver.message(text, binary) end,
  close = function(conn, code, reason) M.receiver.closed(conn.id, code, reason) end,
  failed = function(failure, retry) M.receiver.failed(failure, retry) end,
})

return M
