--- The service gateway: every service of a bot keeps one WebSocket to it. It hands out shard
-- numbers, tells services to stop or to restart, and passes messages between them.
--
-- The protocol is in docs/gateway.md. What each op does is in a file of its own, in `ops`.

local nightjar = require "nightjar"
local accept = require "ops.accept"
local admin = require "admin"
local clients = require "clients"
local dispatch = require "dispatch"
local envelope = require "envelope"
local gate = require "gate"
local identify = require "ops.identify"
local kept = require "lib.kept"
local limits = require "limits"
local news = require "news"
local proxy = require "proxy"
local reject = require "reject"
local shards = require "shards"
local stats = require "stats"
local tickets = require "tickets"
require "page"

---@type nightjar.Package
local M = {}

M.listener = "gateway"
M.workers = "one" -- so that there is one list of clients, and one of shards

local by_conn = clients.by_conn
local sub = string.sub

local PROXY, OP = "gateway-proxy:", "gateway:"

local function bad_topic(client, conn, problem)
  client.errors = 0
  if not client.name then
    return reject.close(conn, "not_identified", "the first message must be IDENTIFY")
  end
  reject.send(conn, "bad_topic", problem)
end

--- A message from one service to another, or to the gateway in the same manner.
local function pass(client, conn, message)
  local inner, source_end, target = proxy.parse(message.t)
  if not inner then
    return bad_topic(client, conn, "gateway-proxy:<source>:<target> is expected")
  end
  if target == "gateway" then
    return dispatch.handle(client, conn, message, sub(message.t, inner))
  end
  client.errors = 0
  if not client.name or not proxy.pass(client, message, inner, source_end, target) then
    return bad_topic(client, conn, "the target has no name before '@'")
  end
end

--- Everything that a client says comes through here.
local function receive(conn, text, binary)
  local client = by_conn[conn] or clients.open(conn)
  if client.dismissed then return end
  if binary then return reject.malformed(client, "messages are text") end
  local message, problem = envelope.read(text)
  if not message then return reject.malformed(client, problem) end
  local topic = message.t
  if sub(topic, 1, #PROXY) == PROXY then return pass(client, conn, message) end
  if sub(topic, 1, #OP) == OP then return dispatch.handle(client, conn, message, topic) end
  bad_topic(client, conn, "a topic begins with gateway: or gateway-proxy:")
end

local function open(conn, request)
  local client = clients.open(conn)
  local holder = tickets.redeem(request.query.ticket)
  if not holder then return end
  local code, reason = gate.refusal(holder.name)
  if code then return reject.close(conn, code, reason) end
  identify.welcome(client, conn, holder.name, holder.service)
end

local function close(conn)
  local client = clients.close(conn)
  if not client or not client.name then return end
  news.gone(client)
  shards.gone(client.name)
  dispatch.all("on_close", client)
end

nightjar.websocket.endpoint("/gateway", {
  open = open,
  message = receive,
  close = close,
  max_message = limits.message_bytes,
  ping_interval = limits.ping_seconds,
  pong_timeout = limits.pong_seconds,
})

--- The answer to IDENTIFY over HTTP.
local function answer(status, d)
  local body = envelope.op(d)
  return { status = status, headers = { ["content-type"] = "application/json" }, body = body }
end

--- IDENTIFY over HTTP: answered with a ticket, which opens a socket that is identified already.
local function identify_by_http(request)
  local message, problem = envelope.read(request.body)
  local d
  if message then d, problem = envelope.payload(message) end
  if not d then return answer(400, reject.fields("decode_error", problem)) end
  local op = sub(message.t, 1, #OP) == OP and dispatch.find(message.t, d)
  if op ~= identify then
    return answer(200, reject.fields("not_identified", "only IDENTIFY comes over HTTP"))
  end
  stats.op_in(identify.number)
  local name, service, reason = identify.check(message.s, d)
  if not name then return answer(200, reject.fields(service, reason)) end
  local ticket = tickets.issue(name, service)
  if not ticket then
    return answer(200, reject.fields("not_accepting", "there are too many tickets"))
  end
  return answer(200, accept.fields(name, service, ticket))
end

nightjar.http.post("/gateway", identify_by_http, { max_body = limits.message_bytes })

--- Closes the connections that have not said in time who they are.
local function sweep_strangers()
  local now = nightjar.now()
  for client in pairs(clients.strangers) do
    if now - client.opened >= limits.identify_ms then
      clients.dismiss(client, reject.CLOSE_NOT_IDENTIFIED, "not_identified")
    end
  end
end

nightjar.timer.every("sweep", limits.sweep_seconds, function()
  sweep_strangers()
  tickets.sweep()
  admin.sweep()
  shards.sweep()
  stats.publish(dispatch.by_number, clients.count)
end)

function M.on_reload()
  kept.restore()
  clients.restore()
  shards.restore()
  stats.restore()
  tickets.restore()
  dispatch.all("on_reload")
end

--- The server stops: nobody is taken in any more; the host closes the sockets.
function M.on_stop()
  gate.shut()
end

return M
