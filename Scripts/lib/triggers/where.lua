--- What `where = { field = … }` says, compiled once when the trigger is added.

local nearest = require "lib.nearest"
local types = require "lib.triggers.types"
local words = require "lib.triggers.words"
local limits = require "lib.triggers.limits"

local M = {}

---@class triggers.Test
---@field kind "filter"|"where" where it stands in the trigger
---@field name string what it is called in counters and traces: "zone_id"
---@field field string of the event
---@field other? string a second field that may hold the value
---@field allowed? table<any, boolean> the value must be one of these
---@field passes? fun(event: table): boolean in place of `allowed`
---@field expected string for people: "not 2"

local OPERATORS = {
  "ne", "one_of", "none_of", "lt", "le", "gt", "ge", "min", "max", "present", "same_as",
  "differs_from",
}

local IS_OPERATOR = {}
for _, name in ipairs(OPERATORS) do IS_OPERATOR[name] = true end

local function problem(text, ...) error({ problem = text:format(...) }, 0) end

-- The value as events have it.
local function converted(value, wanted, path)
  if type(value) == "table" or type(value) == "function" or value == nil then
    problem("%s: a plain value expected, got a %s", path, type(value))
  end
  if not wanted then return value end
  local result = types.convert(value, wanted)
  if result == nil then
    problem("%s: %s is %s, not %s", path, path:match("^where%.([^.]+)"), types.name(wanted),
      words.show(value))
  end
  return result
end

-- A field without a declared type comes as the service wrote it: a number may be a text there.
local function add_spellings(set, value)
  set[value] = true
  if type(value) == "boolean" then
    set[tostring(value)] = true
    set[value and "1" or "0"] = true
  elseif type(value) == "number" then
    set[tostring(value)] = true
  elseif tonumber(value) then
    set[tonumber(value)] = true
  end
end

-- A set of values and the list of them.
local function set_of(list, wanted, path)
  if type(list) ~= "table" or #list == 0 then problem("%s: a list of values expected", path) end
  if #list > limits.names then problem("%s: at most %d values", path, limits.names) end
  local set, values = {}, {}
  for key in pairs(list) do
    if math.type(key) ~= "integer" or key < 1 or key > #list then
      problem("%s: a list of values expected; %s is no place in a list", path, words.show(key))
    end
  end
  for i, value in ipairs(list) do
    values[i] = converted(value, wanted, path)
    if wanted then set[values[i]] = true else add_spellings(set, values[i]) end
  end
  return set, values
end

local function number_of(value, wanted, path)
  if wanted and wanted ~= "integer" and wanted ~= "number" then
    problem("%s: only numbers have an order; %s is %s", path, path:match("^where%.([^.]+)"),
      types.name(wanted))
  end
  local number = types.convert(value, "number")
  if not number then problem("%s: a number expected, got %s", path, words.show(value)) end
  return number
end

-- Each makes a test of one value, and its words.
local operator = {}

function operator.one_of(list, wanted, path)
  local set, values = set_of(list, wanted, path)
  return function(value) return set[value] == true end, words.list(values, "or"), set
end

function operator.none_of(list, wanted, path)
  local set, values = set_of(list, wanted, path)
  local text = #values == 1 and "not " .. words.show(values[1]) or "none of " .. words.list(values,
    "and")
  return function(value) return value == nil or not set[value] end, text
end

function operator.ne(value, wanted, path) return operator.none_of({ value }, wanted, path) end

local ORDERS = {
  lt = { "below", function(a, b) return a < b end },
  le = { "at most", function(a, b) return a <= b end },
  gt = { "above", function(a, b) return a > b end },
  ge = { "at least", function(a, b) return a >= b end },
}
ORDERS.min, ORDERS.max = ORDERS.ge, ORDERS.le

for name, order in pairs(ORDERS) do
  operator[name] = function(bound, wanted, path)
    bound = number_of(bound, wanted, path)
    local holds = order[2]
    local function test(value)
      if not wanted then value = types.convert(value, "number") end
      return value ~= nil and holds(value, bound)
    end
    return test, order[1] .. " " .. words.show(bound)
  end
end

function operator.present(wanted_there, _, path)
  if type(wanted_there) ~= "boolean" then problem("%s: true or false expected", path) end
  return function(value) return (value ~= nil) == wanted_there end, wanted_there and "any value"
    or "no value"
end

-- Comparisons with another field of the same event.
local function compare(other, path, fields, same)
  if type(other) ~= "string" then problem("%s: the name of another field expected", path) end
  M.field_type(fields, other, path)
  local function test(value, event)
    if value == nil then return false end
    return (value == event[other]) == same
  end
  return test, (same and "the same as " or "another than ") .. other
end

function operator.same_as(other, _, path, fields)
  return compare(other, path, fields, true)
end

function operator.differs_from(other, _, path, fields)
  return compare(other, path, fields, false)
end

---@class triggers.Fields what is known of the events of one trigger
---@field types table<string, triggers.Type>
---@field open boolean an event is among them whose fields nobody declared
---@field events string[]

--- The declared type of a field; nil if nobody knows its events. An unknown field is a problem.
---@param fields triggers.Fields
---@param name string
---@param path string
---@return triggers.Type?
function M.field_type(fields, name, path)
  local wanted = fields.types[name]
  if not wanted and not fields.open then
    problem("%s: %s has no field %q%s", path, words.list(fields.events, "or", true), name,
      nearest.hint(name, words.keys(fields.types)))
  end
  return wanted
end

local function compile_operators(field, wish, wanted, path, fields)
  local tests, texts, allowed = {}, {}, nil
  for _, name in ipairs(words.keys(wish)) do
    if not IS_OPERATOR[name] then
      problem("%s: there is no test %s%s", path, words.show(name), nearest.hint(tostring(name),
        OPERATORS))
    end
    tests[#tests + 1], texts[#texts + 1], allowed =
      operator[name](wish[name], wanted, path .. "." .. name, fields)
  end
  local expected = table.concat(texts, " and ")
  if #tests == 1 and allowed then return { allowed = allowed, expected = expected } end
  local first, second = tests[1], tests[2]
  local passes
  if #tests == 1 then
    passes = function(event) return first(event[field], event) end
  elseif #tests == 2 then
    passes = function(event)
      local value = event[field]
      return first(value, event) and second(value, event)
    end
  else
    passes = function(event)
      local value = event[field]
      for i = 1, #tests do
        if not tests[i](value, event) then return false end
      end
      return true
    end
  end
  return { passes = passes, expected = expected }
end

local function compile_field(field, wish, fields)
  local path = "where." .. tostring(field)
  if type(field) ~= "string" then problem("where: %s is no name of a field", words.show(field)) end
  local wanted = M.field_type(fields, field, path)
  local test
  if type(wish) ~= "table" then
    local allowed, values = set_of({ converted(wish, wanted, path) }, wanted, path)
    test = { allowed = allowed, expected = words.show(values[1]) }
  elseif next(wish) == nil then
    problem("%s: an empty list fits nothing", path)
  elseif wish[1] ~= nil then
    local allowed, values = set_of(wish, wanted, path)
    test = { allowed = allowed, expected = words.list(values, "or") }
  else
    test = compile_operators(field, wish, wanted, path, fields)
  end
  test.kind, test.name, test.field = "where", field, field
  return test
end

--- The tests of a `where`, in the order of the fields' names.
---@param where table<string, any>
---@param fields triggers.Fields
---@return triggers.Test[]? tests
---@return string? problem
function M.compile(where, fields)
  if type(where) ~= "table" then return nil, "where: a table of fields expected" end
  local tests = {}
  local ok, failure = pcall(function()
    for _, field in ipairs(words.keys(where)) do
      tests[#tests + 1] = compile_field(field, where[field], fields)
    end
  end)
  if ok then return tests end
  if type(failure) ~= "table" or not failure.problem then error(failure, 0) end
  return nil, failure.problem
end

return M
