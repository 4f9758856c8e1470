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
---@field handle? fun(client: gateway.Client, d: table, context: gateway.Context) may wait
---@field on_close? fun(client: gateway.Client) may wait
---@field on_reload? fun()

---@class gateway.Context
---@field conn nightjar.Connection where answers go
---@field source? any the message's `s`, as it came

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
  check(math.type(op.number) == "integer" and op.number >= 0, "number must be a whole number from 0")
  check(type(op.name) == "string" and op.name:find("^[A-Z][A-Z_]*$"), "name must be like SHARD_DEATH")
  check(op.name:lower() .. ".lua" == file, "the op " .. op.name .. " belongs into ops/"
    .. op.name:lower() .. ".lua")
  check(op.from == "service" or op.from == "gateway", 'from must be "service" or "gateway"')
  check(op.from == "gateway" or type(op.handle) == "function", "a function handle is missing")
  local other = M.by_number[op.number]
  check(not other, other and "number " .. op.number .. " is that of " .. other.name .. " already")
  M.by_number[op.number], M.by_name[op.name] = op, op
end

for _, file in ipairs(nightjar.files("ops", ".lua")) do
  M.add(file, require("ops." .. file:sub(1, -5)))
end

return M
