--- What a trigger is said to be, checked and compiled when it is added.

local nearest = require "lib.nearest"
local code = require "lib.triggers.code"
local limits = require "lib.triggers.limits"
local types = require "lib.triggers.types"
local where = require "lib.triggers.where"
local words = require "lib.triggers.words"

local M = {}

local KEYS = { "events", "where", "conditions", "action", "name", "single_shot", "version" }

-- Fields of a trigger that are the engine's: it may be added again as it is.
local INSIDES = {
  "registered", "last_run", "tests", "filters", "by_event", "mark", "place", "key", "record",
  "traces", "passing", "told", "asking", "shape",
}
local IS_INSIDE = {}
for _, name in ipairs(INSIDES) do IS_INSIDE[name] = true end

--- Whether a table is a trigger, and not only what one is to be. What has the field `registered` is
-- one: `set:add` gives it, and so may who makes a trigger that is to be registered itself.
---@param given table
---@return boolean
function M.is_trigger(given) return type(rawget(given, "registered")) == "boolean" end

-- A list of values; one value counts as a list of one.
local function list_of(value, what)
  if value == nil then return {} end
  if type(value) ~= "table" then value = { value } end
  if #value > limits.names then return nil, ("%s: at most %d"):format(what, limits.names) end
  for key in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 or key > #value then
      return nil, ("%s: a list expected; %s is no place in a list"):format(what, words.show(key))
    end
  end
  return table.move(value, 1, #value, 1, {})
end

-- What a trigger of a source may say, made once.
local function keys_of(schema)
  local keys = schema.keys
  if not keys then
    keys = { list = table.move(KEYS, 1, #KEYS, 1, {}), known = {} }
    for _, filter in ipairs(schema.filters) do keys.list[#keys.list + 1] = filter.property end
    for _, name in ipairs(words.keys(schema.properties)) do keys.list[#keys.list + 1] = name end
    for _, name in ipairs(keys.list) do keys.known[name] = true end
    schema.keys = keys
  end
  return keys
end

local function check_keys(definition, schema)
  local keys, is_trigger = keys_of(schema), M.is_trigger(definition)
  for key in pairs(definition) do
    if not keys.known[key] and not (is_trigger and IS_INSIDE[key]) then
      return ("a trigger has no %s%s"):format(words.show(key),
        nearest.hint(tostring(key), keys.list))
    end
  end
  return nil
end

-- What is known of the fields of some events; of one event, as most triggers have it, made once.
local function fields_of(schema, events)
  local one = #events == 1 and events[1]
  local fields = one and schema.fields_of[one]
  if fields then return fields end
  fields = { types = { [schema.name] = "string" }, open = false, events = events }
  for _, event in ipairs(events) do
    local kind = schema.kinds[event]
    if not kind then fields.open = true end
    for name, declared in pairs(kind or {}) do fields.types[name] = declared.type end
  end
  -- Names that nobody declared may be as many as there are triggers.
  if one and schema.kinds[one] then schema.fields_of[one] = fields end
  return fields
end

-- The names of events: under which they come, and what of them is meant.
local function read_events(trigger, schema)
  local by_event, events = {}, {}
  local unique, seen = {}, {}
  if #trigger.events == 0 then return nil, "events: at least one name expected" end
  for _, name in ipairs(trigger.events) do
    if type(name) ~= "string" then
      return nil, ("events: a name expected, got %s"):format(words.show(name))
    end
    name = schema.aliases[name] or name
    if not seen[name] then unique[#unique + 1] = name end
    seen[name] = true
    local event, field, value = schema.narrow(name)
    local entry = event and by_event[event]
    if event and entry ~= true then
      entry = entry or { field = field, values = {} }
      if entry.field ~= field then
        return nil, "events: " .. name .. ": two fields narrow " .. event
      end
      entry.values[value] = true
      by_event[event] = entry
    else
      event = event or name
      by_event[event] = true
    end
    events[#events + 1] = event
  end
  trigger.by_event, trigger.events = by_event, unique
  return fields_of(schema, events)
end

local function filter_test(filter, given, schema, is_open)
  local allowed, values, seen = {}, {}, {}
  for _, value in ipairs(given) do
    local converted = value
    if filter.type then converted = types.convert(value, filter.type) end
    if converted == nil then
      return nil, ("%s: %s expected, got %s"):format(filter.property, types.name(filter.type),
        words.show(value))
    end
    if not seen[converted] then values[#values + 1] = converted end
    seen[converted] = true
    if is_open then where.add_spellings(allowed, converted) else allowed[converted] = true end
  end
  local expression, second = "$1[v]", filter.fields[2]
  if second then expression = ("($1[v] or $1[event[%q]])"):format(second) end
  local test = {
    kind = "filter", name = filter.property, field = filter.fields[1], fields = filter.fields,
    expression = expression, values = { allowed }, expected = words.list(values, "or"),
  }
  if allowed[schema.missing] or #filter.fields > 2 then
    -- The general way: a field that is missing counts as this value.
    test.expression = "$1(event)"
    test.values = { function(event)
      for _, field in ipairs(filter.fields) do
        local value = event[field]
        if value == nil then value = schema.missing end
        if allowed[value] then return true end
      end
      return false
    end }
  end
  return test, values
end

-- Plain data as a text that is the same for equal data.
local function canonical(value, parts)
  local kind = math.type(value) or type(value)
  local count = #parts
  if kind == "table" then
    parts[count + 1] = "{"
    if value[1] ~= nil then
      for i = 1, #value do
        canonical(value[i], parts)
        parts[#parts + 1] = ";"
      end
      parts[#parts + 1] = "}"
      return
    end
    for _, key in ipairs(words.keys(value)) do
      parts[#parts + 1] = tostring(key)
      parts[#parts + 1] = "="
      canonical(value[key], parts)
      parts[#parts + 1] = ";"
    end
    parts[#parts + 1] = "}"
  elseif kind == "function" then
    parts[count + 1] = "function"
  else
    parts[count + 1], parts[count + 2], parts[count + 3] = kind, ":", tostring(value)
  end
end

-- What must be as it was for a trigger to count as unchanged. Of functions that is their place in
-- the list: two loads of one file make two functions. What most triggers do not say costs nothing.
local function mark_of(definition, trigger, schema, digest, version)
  if version then version = version .. tostring(definition.version or "") end
  local parts = { trigger.single_shot and "once " or "", tostring(version or definition.version) }
  local function add(name, value)
    if next(value) == nil then return end
    parts[#parts + 1] = name
    canonical(value, parts)
  end
  add(" events", trigger.events)
  for _, filter in ipairs(schema.filters) do
    add(filter.property, trigger.filters[filter.property])
  end
  add(" conditions", trigger.conditions)
  add(" where", definition.where or {})
  return digest(table.concat(parts))
end

---@class triggers.Trigger
---@field name? string
---@field key string name, or place: what its counters are kept under
---@field place string file and line of the definition
---@field events string[]
---@field filters table<string, any[]> values by the filter's property
---@field conditions any[] functions of the event, or plain values; may be changed at any time
---@field action? fun(event: table)
---@field single_shot boolean
---@field last_run? integer milliseconds since 1970, set just before the action is called
---@field registered boolean
---@field version? string|number
---@field tests triggers.Test[] compiled from the filters and `where`, in their order
---@field by_event table<string, true|{field: string, values: table}>
---@field mark string

local function failed(text) return nil, text end

-- What a source lets triggers say besides.
local function read_properties(definition, trigger, schema)
  for name in pairs(schema.properties) do
    local value, wanted = definition[name], schema.properties[name]
    -- What a program says has its type: only services write true as "1".
    if value ~= nil and (type(value) ~= type(types.convert(value, wanted))) then
      return ("%s: %s expected, got %s"):format(name, types.name(wanted), words.show(value))
    end
    trigger[name] = value
  end
  return nil
end

--- Reads a definition, or a trigger that is to be registered.
---@param definition table
---@param schema triggers.Schema
---@param digest fun(text: string): string
---@param version? string of the file it is in: part of the mark
---@return triggers.Trigger? trigger
---@return string? problem
function M.read(definition, schema, digest, version)
  if type(definition) ~= "table" then
    return failed("a trigger is a table, like { events = { \"Death\" } }")
  end
  local problem = check_keys(definition, schema)
  if problem then return failed(problem) end
  local trigger = {
    name = definition.name, action = rawget(definition, "action"),
    single_shot = definition.single_shot or false, version = definition.version,
    registered = false, tests = {}, filters = {},
    -- Room for what comes later: to grow a table costs more than to fill it.
    events = nil, by_event = nil, where = nil, conditions = nil, mark = nil, on_fire = nil,
    place = nil, key = nil, record = nil, traces = nil, passing = nil, last_run = nil, asking = nil,
    shape = nil,
  }
  if trigger.name ~= nil and type(trigger.name) ~= "string" then
    return failed("name: a text expected")
  end
  if trigger.action ~= nil and type(trigger.action) ~= "function" then
    return failed("action: a function expected")
  end
  if type(trigger.single_shot) ~= "boolean" then
    return failed("single_shot: true or false expected")
  end
  problem = read_properties(definition, trigger, schema)
  if problem then return failed(problem) end

  local fields
  trigger.events, problem = list_of(definition.events, "events")
  if problem then return failed(problem) end
  fields, problem = read_events(trigger, schema)
  if not fields then return failed(problem) end

  for _, filter in ipairs(schema.filters) do
    local given
    given, problem = list_of(definition[filter.property], filter.property)
    if not given then return failed(problem) end
    trigger.filters[filter.property] = given
    if #given > 0 then
      local test, values = filter_test(filter, given, schema, fields.open)
      if not test then return failed(values) end
      trigger.filters[filter.property] = values
      trigger.tests[#trigger.tests + 1] = test
    end
    trigger[filter.property] = trigger.filters[filter.property]
  end

  if definition.where ~= nil then
    local tests
    tests, problem = where.compile(definition.where, fields)
    if not tests then return failed(problem) end
    table.move(tests, 1, #tests, #trigger.tests + 1, trigger.tests)
    trigger.where = definition.where
  end

  trigger.conditions = definition.conditions or {}
  if type(trigger.conditions) ~= "table" then return failed("conditions: a list expected") end
  local count = #trigger.tests + #trigger.conditions
  if count > limits.tests then
    return failed(("%d tests and conditions; at most %d"):format(count, limits.tests))
  end
  if not code.fits(0, 0, code.size(trigger)) then
    return failed("too many values in its tests; write lists, or a condition")
  end
  trigger.mark = mark_of(definition, trigger, schema, digest, version)
  return trigger
end

--- Makes a trigger that somebody holds what it says now.
---@param trigger table
---@param read triggers.Trigger of `read`
---@return triggers.Trigger
function M.renew(trigger, read)
  for _, name in ipairs(INSIDES) do
    if name ~= "last_run" then trigger[name] = nil end
  end
  for name, value in pairs(read) do trigger[name] = value end
  return trigger
end

return M
