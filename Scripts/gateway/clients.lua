--- Who is connected: by connection, by name, by service type.
--
-- A client is a plain table, so that it survives a reload; its connection is found with
-- `clients.conn_of`.

local nightjar = require "nightjar"
local kept = require "lib.kept"

local M = {}

---@class gateway.Client
---@field id integer number of its connection
---@field opened integer when the connection was opened, milliseconds since 1970
---@field errors integer messages in a row that could not be read
---@field name? string nil until it has identified itself
---@field service? string its service type
---@field since? integer when it identified itself, milliseconds since 1970
---@field sent integer messages it has sent to others
---@field received integer messages of others it was given
---@field dismissed? boolean it is being closed; what it still says is not heard
---@field close_at? integer when it is closed if it is still there, milliseconds since 1970

---@class gateway.Group : gateway.Client[] all clients of one service type, longest first
---@field turn integer index of the one that was chosen last

-- Connection id → client, identified or not.
---@type table<integer, gateway.Client>
local all = kept("clients")

---@type table<nightjar.Connection, gateway.Client>
M.by_conn = {}
---@type table<gateway.Client, nightjar.Connection>
M.conn_of = {}
--- Identified clients by name.
---@type table<string, gateway.Client>
M.by_name = {}
--- Identified clients by service type.
---@type table<string, gateway.Group>
M.by_service = {}
--- How many have identified themselves.
M.count = 0
--- Clients that have not identified themselves yet.
---@type table<gateway.Client, true>
M.strangers = {}

local by_conn, conn_of, by_name, by_service = M.by_conn, M.conn_of, M.by_name, M.by_service

local function enter(client)
  by_name[client.name] = client
  local group = by_service[client.service]
  if not group then
    group = { turn = 0 }
    by_service[client.service] = group
  end
  group[#group + 1] = client
  M.count = M.count + 1
  M.strangers[client] = nil
end

--- A new connection; it has not said who it is.
---@param conn nightjar.Connection
---@return gateway.Client
function M.open(conn)
  local id = conn.id
  local client = { id = id, opened = nightjar.now(), errors = 0, sent = 0, received = 0 }
  all[id] = client
  by_conn[conn], conn_of[client] = client, conn
  M.strangers[client] = true
  return client
end

--- The client has said who it is, and nobody else has this name.
---@param client gateway.Client
---@param name string
---@param service string
function M.identify(client, name, service)
  client.name, client.service, client.since = name, service, nightjar.now()
  enter(client)
end

--- The connection is gone; its name is free again.
---@param conn nightjar.Connection
---@return gateway.Client? client
function M.close(conn)
  local client = by_conn[conn]
  if not client then return nil end
  by_conn[conn], conn_of[client], all[client.id], M.strangers[client] = nil, nil, nil, nil
  if not client.name then return client end
  by_name[client.name] = nil
  M.count = M.count - 1
  local group = by_service[client.service]
  for index = 1, #group do
    if group[index] == client then
      table.remove(group, index)
      if index <= group.turn then group.turn = group.turn - 1 end
      break
    end
  end
  if #group == 0 then by_service[client.service] = nil end
  return client
end

--- Ends a client's connection. What it says from now on is not heard.
---@param client gateway.Client
---@param code integer
---@param reason string
function M.dismiss(client, code, reason)
  client.dismissed = true
  conn_of[client]:close(code, reason)
end

--- The next one of a service type, each in turn.
---@param service string
---@param except? gateway.Client is never chosen
---@return gateway.Client?
function M.next(service, except)
  local group = by_service[service]
  if not group then return nil end
  local count = #group
  local turn = group.turn
  for _ = 1, 2 do
    turn = turn % count + 1
    local client = group[turn]
    if client ~= except then
      group.turn = turn
      return client
    end
  end
  return nil
end

--- The clients that a target means: one by its name, all of a service type, or everybody.
---@param target string a name, a service type or "*"
---@return gateway.Client[]
function M.matching(target)
  if by_name[target] then return { by_name[target] } end
  local found = {}
  if target == "*" then
    for _, client in pairs(by_name) do found[#found + 1] = client end
  else
    table.move(by_service[target] or {}, 1, #(by_service[target] or {}), 1, found)
  end
  return found
end

--- All identified clients, those that came first first.
---@return gateway.Client[]
function M.list()
  local list = M.matching("*")
  table.sort(list, function(a, b)
    if a.since ~= b.since then return a.since < b.since end
    return a.id < b.id
  end)
  return list
end

--- After a reload: finds the connections of the clients that the version before has left.
function M.restore()
  local identified = {}
  for id, client in pairs(all) do
    local conn = nightjar.websocket.connection(id)
    if not conn then
      all[id] = nil
    else
      by_conn[conn], conn_of[client] = client, conn
      if client.name then identified[#identified + 1] = client else M.strangers[client] = true end
    end
  end
  table.sort(identified, function(a, b) return a.id < b.id end)
  for _, client in ipairs(identified) do enter(client) end
end

return M
