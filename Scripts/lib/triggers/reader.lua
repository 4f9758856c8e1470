--- From the text of a message to an event: a table of the fields in their types. The work is done
-- by `nightjar.json.reader`; here its outcomes get the names that people who write triggers know.

local nightjar = require "nightjar"
local types = require "lib.triggers.types"
local words = require "lib.triggers.words"

local M = {}

--- A function that reads messages: an event, or nil, a code and a detail (see `explain_code`).
---@param schema triggers.Schema
---@return fun(text: string): table?, string?, string?
function M.new(schema)
  return nightjar.json.reader {
    name = schema.name, within = schema.within, envelope = schema.envelope, kinds = schema.kinds,
  }
end

-- Ids of 64 bits without a sign are beyond what a whole number holds from 2^63 on. Such a one is no
-- reason to lose the event: its field has the digits, as a text.
local LARGEST, LARGEST_UNSIGNED = "9223372036854775807", "18446744073709551615"

local function is_wide(value)
  if type(value) ~= "string" or not value:find("^[1-9]%d+$") then return false end
  return (#value == 19 and value > LARGEST) or (#value == 20 and value <= LARGEST_UNSIGNED)
end

--- The event of a text that could not be read, if all that is wrong with it is such an id.
---@param schema triggers.Schema
---@param read fun(text: string): table?, string?, string?
---@param text string
---@return table? event
function M.wide(schema, read, text)
  local name = schema.name:gsub("%p", "%%%0")
  local fields = schema.kinds[text:match('"' .. name .. '"%s*:%s*"([^"\\]+)"')]
  if not fields then return nil end
  local found = {}
  local event = read((text:gsub('("([%w_]+)"%s*:%s*"?)(%d+)', function(head, field, digits)
    local declared = fields[field]
    if not declared or declared.type ~= "integer" or not is_wide(digits) then return nil end
    found[field] = digits
    return head .. "0"
  end)))
  if not event then return nil end
  event.raw = text
  for field, digits in pairs(found) do
    event[field], event.payload[field] = digits, digits
  end
  return event
end

--- The same for an event that comes as a table, from a script: its fields in their types. The table
-- itself stays as it is.
---@param schema triggers.Schema
---@param given table
---@return table? event
---@return string? code
---@return string? detail
---@return boolean? is_wide an id has more than a whole number holds: it is a text
function M.typed(schema, given)
  local kind = given[schema.name]
  local fields = schema.kinds[kind]
  if not fields then return given end
  local event, has_wide = {}, nil
  for name, value in pairs(given) do event[name] = value end
  for name, field in pairs(fields) do
    local value = given[name]
    if value == nil or value == nightjar.json.null then
      if not field.optional then return nil, "invalid_value", kind .. " lacks " .. name end
      event[name] = field.default
    elseif field.type == "integer" and is_wide(value) then
      has_wide = true
    else
      event[name] = types.convert(value, field.type)
      if event[name] == nil then
        return nil, "invalid_value",
          ("%s: %s is %s, no %s"):format(kind, name, words.show(value), field.type)
      end
    end
  end
  return event, nil, nil, has_wide
end

--- Why a text is a message of another kind, for a person: which members are missing, or say
-- something else.
---@param schema triggers.Schema
---@param text string
---@return string? words
---@return string? whole the text with these members, if nothing else is wrong than that they lack
function M.why(schema, text)
  local message = nightjar.json.decode(text)
  if type(message) ~= "table" then return nil end
  local wrong, missing = nil, {}
  for _, name in ipairs(words.keys(schema.envelope)) do
    local value = message[name]
    local wanted = ('"%s":"%s"'):format(name, schema.envelope[name])
    if value == nil then
      missing[#missing + 1] = wanted
    elseif value ~= schema.envelope[name] then
      wrong = ("its %s is %s; an event has %s"):format(name, words.show(value), wanted)
    end
  end
  if wrong then return wrong end
  local within, whole = schema.within, {}
  local is_wrapped = within and type(message[within]) == "table"
  local fields = is_wrapped and message[within] or message
  if fields[schema.name] == nil then
    return ("it has no %s, which names the event"):format(schema.name)
  end
  if within and not is_wrapped then
    missing[#missing + 1] = ('"%s":{…} around its fields'):format(within)
    whole[within] = fields
  else
    for name, value in pairs(message) do whole[name] = value end
  end
  for name, value in pairs(schema.envelope) do whole[name] = value end
  return "it lacks " .. words.list(missing, "and", true), (nightjar.json.encode(whole))
end

--- The text of an event, as the source would have sent it if it came as a table.
---@param schema triggers.Schema
---@param event table
---@return string
function M.text(schema, event)
  if event.raw then return event.raw end
  local message = event
  if schema.within then
    message = { [schema.within] = event }
    for name, value in pairs(schema.envelope) do message[name] = value end
  end
  return (nightjar.json.encode(message))
end

local CODES = { no_match = "no_event", invalid_value = "invalid_event" }

--- What is wrong with a text: `invalid_json` (it is no JSON), `no_event` (a message of another
-- kind), `invalid_event` (a needed field is missing, or has a value of another type).
---@param code string of the reader
---@return string
function M.code(code) return CODES[code] or code end

return M
