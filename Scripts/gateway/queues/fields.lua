--- Reads the fields of queue ops.

local nightjar = require "nightjar"
local bookkeeping = require "queues.book"
local limits = require "queues.limits"
local names = require "names"
local reject = require "reject"

local M = {}

-- JSON's null counts as absent.
local function given(value)
  if value == nil or value == nightjar.json.null then return nil end
  return value
end
M.given = given

--- The queue that an op means; without a name that of the sender's service type.
---@param client gateway.Client
---@param d table
---@return string? name nil if it is none
---@return string? problem
function M.queue(client, d)
  local name = given(d.queue) or client.service
  local problem = names.problem(name)
  if problem then return nil, "queue " .. problem end
  return name
end

--- A queue that services may put messages into.
---@return string? name nil if it is none
---@return string? problem
function M.target(client, d)
  local name, problem = M.queue(client, d)
  if name and bookkeeping.is_dead(name) then
    return nil, name .. " takes dead letters only"
  end
  return name, problem
end

--- A whole number within bounds.
---@return integer? value nil if it is none
---@return string? problem
function M.whole(d, field, default, lowest, highest)
  local value = given(d[field])
  if value == nil then return default end
  local whole = math.type(value) and math.tointeger(value)
  if not whole or whole < lowest or whole > highest then
    return nil, ("%s must be a whole number from %d to %d"):format(field, lowest, highest)
  end
  return whole
end

--- The id that a sender gave a message.
---@return string? id
---@return string? problem
function M.id(d)
  local id = given(d.id)
  if id == nil then return nil end
  if type(id) ~= "string" or id == "" or #id > limits.id_bytes or id:find("%c") then
    return nil, "id must be text of 1 to " .. limits.id_bytes .. " bytes"
  end
  return id
end

--- The message that an op means.
---@return integer? number
function M.message(d)
  return math.tointeger(tonumber(given(d.message)))
end

--- Refuses an op and says which one it was.
---@param context gateway.Context
---@param op integer
---@param d table
---@param code string
---@param reason? string
function M.refuse(context, op, d, code, reason)
  reject.send(context.conn, code, reason, {
    op = op, queue = given(d.queue), message = given(d.message), id = given(d.id),
  })
end

return M
