--- From the text of a message to an event: a table of the fields in their types.

local nightjar = require "nightjar"
local types = require "lib.triggers.types"
local words = require "lib.triggers.words"

local M = {}

-- Fields that are read when somebody asks for them: the payload as it came.
local function metatable(schema)
  return {
    __index = function(event, key)
      if key ~= "payload" then return nil end
      local text = rawget(event, "raw")
      local payload = text and nightjar.json.decode(text)
      if payload and schema.within then payload = payload[schema.within] end
      rawset(event, "payload", payload)
      return payload
    end,
  }
end

local function typed(fields, payload, kind)
  local event = {}
  for name, field in pairs(fields) do
    local value = payload[name]
    if value == nil or value == nightjar.json.null then
      if not field.optional then return nil, "invalid_event", kind .. " lacks " .. name end
      event[name] = field.default
    else
      event[name] = types.convert(value, field.type)
      if event[name] == nil then
        local shown = type(value) == "table" and "a list" or words.show(value)
        return nil, "invalid_event", ("%s: %s is %s, no %s"):format(kind, name, shown, field.type)
      end
    end
  end
  return event
end

--- A function that reads messages. It gives an event; or nil, a code and the detail: `invalid_json`
-- (no JSON), `no_event` (a message of another kind), `invalid_event` (a required field is missing
-- or has a value of another type).
---@param schema triggers.Schema
---@return fun(text: string): table?, string?, string?
function M.new(schema)
  local meta = metatable(schema)
  local function read(text)
    local message, code, detail = nightjar.json.decode(text)
    if message == nil then return nil, code, detail end
    if type(message) ~= "table" then return nil, "no_event", "an object expected" end
    for name, wanted in pairs(schema.envelope) do
      if message[name] ~= wanted then return nil, "no_event", name .. " is not " .. wanted end
    end
    local payload = message
    if schema.within then payload = message[schema.within] end
    local kind = type(payload) == "table" and payload[schema.name]
    if type(kind) ~= "string" then return nil, "no_event", schema.name .. " is missing" end
    local event
    local fields = schema.kinds[kind]
    if fields then
      event, code, detail = typed(fields, payload, kind)
      if not event then return nil, code, detail end
    else
      event = {}
      for name, value in pairs(payload) do event[name] = value end
    end
    event.raw = text
    return setmetatable(event, meta)
  end
  return read
end

return M
