--- What the administrator can do: tell services to stop or to restart, over HTTP or from other
-- packages' Lua; and see the statistics.

local nightjar = require "nightjar"
local clients = require "clients"
local dispatch = require "dispatch"
local envelope = require "envelope"
local gate = require "lib.gate"
local reboot = require "ops.reboot"
local pools_of = require "pools"
local queues = require "queues"
local reject = require "reject"
local shards = require "shards"
local shutdown = require "ops.shutdown"
local stats = require "stats"

local M = {}

--- Sends an op to all that a target means.
---@param op gateway.Op
---@param target string a name, a service type or "*"
---@param reason? string
---@return integer sent how many got it
function M.tell(op, target, reason)
  local told = clients.matching(target)
  for _, client in ipairs(told) do
    envelope.send_op(clients.conn_of[client], { opcode = op.number, reason = reason })
    if op.patience_ms then client.close_at = nightjar.now() + op.patience_ms end
  end
  return #told
end

--- Closes those who were told to shut down and are still there.
function M.sweep()
  local now = nightjar.now()
  for _, client in pairs(clients.by_name) do
    if client.close_at and now >= client.close_at then
      clients.dismiss(client, reject.CLOSE_GOING_AWAY, "shutdown")
    end
  end
end

-- In the form that the server's own refusals have.
local function problem(status, code, message)
  return { status = status, json = { error = { code = code, message = message } } }
end

local function unauthorized()
  return problem(401, "unauthorized", "The token is missing or wrong.")
end

--- Makes the handler of one of the admin's requests.
local function endpoint(op)
  return function(request)
    local allowed = nightjar.config.matches("admin_token", gate.bearer(request))
    if allowed == nil then return problem(404, "not_found", "There is nothing at this path.") end
    if not allowed then return unauthorized() end
    local body = nightjar.json.decode(request.body)
    if type(body) ~= "table" or type(body.target) ~= "string" or body.target == "" then
      return problem(400, "bad_target", "target must be a name, a service type or *.")
    end
    local reason = body.reason
    if reason == nightjar.json.null then reason = nil end
    if reason ~= nil and type(reason) ~= "string" then
      return problem(400, "bad_reason", "reason must be a text.")
    end
    local sent = M.tell(op, body.target, reason)
    nightjar.log.info("services were told", { op = op.name, target = body.target, sent = sent })
    return { status = 200, json = { sent = sent } }
  end
end

--- Whether a request may see the statistics: from this machine always, from others (and through a
-- proxy, which passes on others) with one of the tokens, if there are any.
local function may_see(request)
  if gate.is_direct(request) then return true end
  local token = gate.bearer(request)
  local is_client = nightjar.config.matches("token", token)
  local is_admin = nightjar.config.matches("admin_token", token)
  return is_client or is_admin or (is_client == nil and is_admin == nil)
end

local function client_stats(client, now)
  local held, shard = shards.of(client.name)
  return {
    source = client.name,
    service = client.service,
    connected_ms = now - client.since,
    shard = shard and nightjar.json.array(shard) or nightjar.json.null,
    shards = held or {},
    sent = client.sent,
    received = client.received,
  }
end

--- What the gateway knows about itself.
function M.stats()
  local now = nightjar.now()
  local list = nightjar.json.array {}
  for index, client in ipairs(clients.list()) do list[index] = client_stats(client, now) end
  local pools = {}
  for bot, pool in pairs(shards.pools) do
    if pool.count then
      pools[bot] = {
        shard_count = pool.count,
        used = nightjar.json.array(pools_of.ids(pool)),
        away = nightjar.json.array(pools_of.ids(pool, true)),
      }
    end
  end
  local by_op = {}
  local messages = { by_topic = stats.by_topic, by_op = by_op }
  for name, total in pairs(stats.totals) do messages[name] = total end
  for number, total in pairs(stats.by_op_in) do
    local op = dispatch.by_number[number]
    if op then by_op[op.name] = total end
  end
  return {
    clients = list, pools = pools, messages = messages, queues = queues.stats(), now = now,
  }
end

nightjar.http.get("/gateway/stats", function(request)
  if not may_see(request) then return unauthorized() end
  return { status = 200, json = M.stats() }
end)
nightjar.http.post("/gateway/admin/shutdown", endpoint(shutdown))
nightjar.http.post("/gateway/admin/reboot", endpoint(reboot))

nightjar.provide("gateway.shutdown", function(target, reason)
  return M.tell(shutdown, target, reason)
end)
nightjar.provide("gateway.reboot", function(target, reason)
  return M.tell(reboot, target, reason)
end)

return M
