--- IDENTIFY: a client says who it is. It is the first message of every connection; it may also
-- come by POST /gateway, which is answered with a ticket for the socket.

local nightjar = require "nightjar"
local accept = require "ops.accept"
local clients = require "clients"
local envelope = require "envelope"
local gate = require "gate"
local names = require "names"
local news = require "news"
local reject = require "reject"
local shards = require "shards"

local M = { number = 0, name = "IDENTIFY", from = "service", before_identify = true }

--- Whether a client may come in.
---@param source any its name
---@param d {service?: any, token?: any}
---@return string? name nil if it may not
---@return string service or the code of the refusal
---@return string? reason with nil: in words
function M.check(source, d)
  -- The token comes first: a stranger learns nothing else from us.
  local token = type(d.token) == "string" and d.token or ""
  if nightjar.config.matches("token", token) == false then
    return nil, "bad_token", "the token is missing or wrong"
  end
  local problem = names.problem(source)
  if problem then return nil, "invalid", "s " .. problem end
  local service = d.service
  if service == nil or service == nightjar.json.null then service = names.service_of(source) end
  problem = names.problem(service)
  if problem then return nil, "invalid", "service " .. problem end
  local code, reason = gate.refusal(source)
  if code then return nil, code, reason end
  return source, service
end

--- Takes a client in and tells it so.
---@param client gateway.Client
---@param conn nightjar.Connection
---@param name string
---@param service string
function M.welcome(client, conn, name, service)
  clients.identify(client, name, service)
  shards.returned(name)
  envelope.send_op(conn, accept.fields(name, service))
  news.came(client)
end

---@param client gateway.Client
---@param d {service?: string, token?: string}
---@param context gateway.Context
function M.handle(client, d, context)
  if client.name then
    return reject.send(context.conn, "already_identified", "this connection is " .. client.name)
  end
  local name, service, reason = M.check(context.source, d)
  if not name then return reject.close(context.conn, service, reason) end
  M.welcome(client, context.conn, name, service)
end

return M
