--- The ops: finds them in the folder `ops`, and hands each op that comes in to the file that is
-- named after it. A new op is a new file; no other file changes.
--
-- An op file returns a table:
--
--   local M = { number = 10, name = "SHARD_CONNECT", from = "service" }
--   function M.handle(client, d, context) … end
--   return M
--
-- `number` and `name` are the op's own; the file is called like the name, in small letters.
-- `from` says who may send it: "service", or "gateway" (such a file needs no `handle`).
-- `before_identify = true` allows it as the first message of a connection.
-- `on_close(client)` is optional: an identified client has gone. `on_reload()` is optional: called
-- at start and after every change of a script, when kept tables have their values.

local nightjar = require "nightjar"
local envelope = require "envelope"
local reject = require "reject"
local stats = require "stats"

local M = {}

---@class gateway.Op
---@field number integer
---@field name string
---@field from "service"|"gateway"
---@field before_identify? boolean
---@field handle? fun(client: gateway.Client, d: table, context: gateway.Context)
---@field on_close? fun(client: gateway.Client) may wait
---@field on_reload? fun()

---@class gateway.Context
---@field conn nightjar.Connection where answers go
---@field source any the message's `s`, as it came

---@type table<integer, gateway.Op>
M.by_number = {}
---@type table<string, gateway.Op>
M.by_name = {}

--- Adds the op of a file.
---@param file string like "identify.lua"
---@param op gateway.Op
function M.add(file, op)
  local path = "ops/" .. file
  local function check(holds, problem)
    if not holds then error(path .. ": " .. problem, 0) end
  end
  check(type(op) == "table", "an op file returns a table")
  local number, name = op.number, op.name
  check(math.type(number) == "integer" and number >= 0, "number must be a whole number from 0")
  check(type(name) == "string" and name:find("^[A-Z][A-Z_]*$"), "name must be like SHARD_DEATH")
  local own = name:lower() .. ".lua"
  check(own == file, "the op " .. name .. " belongs into ops/" .. own)
  check(op.from == "service" or op.from == "gateway", 'from must be "service" or "gateway"')
  check(op.from == "gateway" or type(op.handle) == "function", "a function handle is missing")
  local other = M.by_number[number]
  check(not other, other and "number " .. number .. " is that of " .. other.name .. " already")
  M.by_number[number], M.by_name[name] = op, op
end

for _, file in ipairs(nightjar.files("ops", ".lua")) do
  M.add(file, require("ops." .. file:sub(1, -5)))
end

--- The op that a message names: by `d.opcode`, else by the topic's second segment. Both may be a
-- number, a number in a string, or the op's name.
---@param topic string like "gateway:opcode"
---@param d table
---@return gateway.Op? op
---@return any said what the message says, if it is no op we know
function M.find(topic, d)
  local said = d.opcode
  if said == nil or said == nightjar.json.null then said = topic:match("^gateway:([^:]*)") end
  if type(said) == "string" and said:find("^%d+$") then said = tonumber(said) end
  local number = type(said) == "number" and math.tointeger(said)
  return M.by_number[number] or M.by_name[said], said
end

local function unknown(conn, said)
  local fields
  if type(said) == "number" or (type(said) == "string" and said ~= "opcode") then
    fields = { op = said }
  end
  reject.send(conn, "unknown_op", "there is no such op", fields)
end

--- Handles an op. May wait.
---@param client gateway.Client
---@param conn nightjar.Connection
---@param message gateway.Envelope
---@param topic string the topic, without a prefix for passing on
function M.handle(client, conn, message, topic)
  local d, problem = envelope.payload(message)
  if not d then return reject.malformed(client, problem) end
  client.errors = 0
  local op, said = M.find(topic, d)
  stats.op_in(op and op.number)
  if not client.name and not (op and op.before_identify) then
    return reject.close(conn, "not_identified", "the first message must be IDENTIFY")
  end
  if not op then return unknown(conn, said) end
  if op.from == "gateway" then
    return reject.send(conn, "forbidden_op", "only the gateway sends " .. op.name)
  end
  return op.handle(client, d, { conn = conn, source = message.s })
end

--- Calls a function of all ops that have it.
---@param name "on_close"|"on_reload"
---@param ... any
function M.all(name, ...)
  for _, op in pairs(M.by_number) do
    if op[name] then op[name](...) end
  end
end

return M
