--- What the service says, told apart: events, heartbeats, echoes, states of worlds, and the rest.

local nightjar = require "nightjar"
local limits = require "limits"

local M = {}

---@class ps2.WorldState
---@field name string
---@field id? integer
---@field online boolean

-- "EventServerEndpoint_Emerald_17" → "Emerald", 17
local function endpoint(key)
  if type(key) ~= "string" or #key > limits.name_bytes then return nil end
  local name, id = key:match("^[^_]*_([^_]+)_?(%d*)")
  return name, id and math.tointeger(tonumber(id))
end

-- Values are strings by the rule; be content with what they mean.
local function is_true(value)
  return value == true or value == "true" or value == "1" or value == 1
end

--- The worlds of a heartbeat.
---@param online any its member `online`
---@return table<string, ps2.WorldState> by name
function M.worlds(online)
  local worlds = {}
  if type(online) ~= "table" then return worlds end
  local count = 0
  for key, value in pairs(online) do
    count = count + 1
    if count > limits.worlds then break end
    local name, id = endpoint(key)
    if name then worlds[name] = { name = name, id = id, online = is_true(value) } end
  end
  return worlds
end

---@alias ps2.Message
---| "event" its payload has an event name
---| "heartbeat"
---| "echo" what we are subscribed to
---| "state" one world came or went
---| "recent" recent characters
---| "greeting" the connection is there, help is offered
---| "unknown" JSON, but nothing we know
---| "garbage" not even an object

--- Tells what a message is.
---@param text string
---@return ps2.Message kind
---@return any value of "event" the payload, of "heartbeat" the worlds, of "echo" the subscription,
--- of "state" a ps2.WorldState, of "garbage" what is wrong
function M.read(text)
  local message, _, problem = nightjar.json.decode(text)
  if type(message) ~= "table" then return "garbage", problem or "it is no JSON object" end
  local service, kind = message.service, message.type
  if service == "event" then
    if kind == "serviceMessage" then
      local payload = message.payload
      if type(payload) ~= "table" then return "unknown" end
      if payload.event_name ~= nil then return "event", payload end
      return "recent", payload
    end
    if kind == "heartbeat" then return "heartbeat", M.worlds(message.online) end
  end
  if type(message.subscription) == "table" then return "echo", message.subscription end
  if kind == "serviceStateChange" or kind == "serviceStateChanged" then
    local name, id = endpoint(message.detail)
    if not name then return "unknown" end
    return "state", { name = name, id = id, online = is_true(message.online) }
  end
  if service == "push" or message["send this for help"] ~= nil then return "greeting" end
  return "unknown"
end

return M
