--- What `where = { field = … }` says, compiled once when the trigger is added.

local nearest = require "lib.nearest"
local types = require "lib.triggers.types"
local words = require "lib.triggers.words"
local limits = require "lib.triggers.limits"

local M = {}

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

--- Puts a value into a set, in every spelling. A field without a declared type comes as the service
-- wrote it: a number may be a text there.
---@param set table<any, true>
---@param value string|number|boolean
function M.add_spellings(set, value)
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
    if wanted then set[values[i]] = true else M.add_spellings(set, values[i]) end
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

-- Each gives an expression (see `triggers.Test`), its values, and the words for it.
local operator = {}

function operator.one_of(list, wanted, path)
  local set, values = set_of(list, wanted, path)
  local text = words.list(values, "or")
  -- true and false are part of the shape.
  if wanted == "boolean" and #values == 1 then return "v == " .. text, {}, text end
  if wanted and #values == 1 then return "v == $1", { values[1] }, text end
  if wanted and #values == 2 then return "(v == $1 or v == $2)", values, text end
  return "$1[v]", { set }, text
end

function operator.none_of(list, wanted, path)
  local set, values = set_of(list, wanted, path)
  local text = "none of " .. words.list(values, "and")
  if #values == 1 then text = "not " .. words.show(values[1]) end
  if wanted and #values == 1 then return "v ~= $1", { values[1] }, text end
  return "not $1[v]", { set }, text
end

function operator.ne(value, wanted, path) return operator.none_of({ value }, wanted, path) end

local ORDERS = { lt = "below", le = "at most", gt = "above", ge = "at least" }
ORDERS.min, ORDERS.max = ORDERS.ge, ORDERS.le
local SIGNS = { lt = "<", le = "<=", gt = ">", ge = ">=", min = ">=", max = "<=" }

-- Of fields nobody declared: what is no number is in no order.
local function number_or_nan(value) return types.convert(value, "number") or 0 / 0 end

for name, order in pairs(ORDERS) do
  operator[name] = function(bound, wanted, path)
    bound = number_of(bound, wanted, path)
    local text = order .. " " .. words.show(bound)
    if wanted then return ("v ~= nil and v %s $1"):format(SIGNS[name]), { bound }, text end
    return ("$2(v) %s $1"):format(SIGNS[name]), { bound, number_or_nan }, text
  end
end

function operator.present(there, _, path)
  if there == true then return "v ~= nil", {}, "any value" end
  if there == false then return "v == nil", {}, "no value" end
  problem("%s: true or false expected", path)
end

-- Comparisons with another field of the same event.
local function compare(other, path, fields, sign, text)
  if type(other) ~= "string" then problem("%s: the name of another field expected", path) end
  M.field_type(fields, other, path)
  return ("v ~= nil and v %s event[%q]"):format(sign, other), {}, text .. " " .. other
end

function operator.same_as(other, _, path, fields)
  return compare(other, path, fields, "==", "the same as")
end

function operator.differs_from(other, _, path, fields)
  return compare(other, path, fields, "~=", "another than")
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

-- Whether there is nothing between the bounds.
local function is_empty(wish, wanted)
  local low, high, is_open = -math.huge, math.huge, {}
  for name, sign in pairs(SIGNS) do
    local bound = wish[name] ~= nil and types.convert(wish[name], "number")
    if bound and bound == bound then
      local is_strict = #sign == 1
      if is_strict and wanted == "integer" then
        bound = sign == ">" and math.floor(bound) + 1 or math.ceil(bound) - 1
      elseif is_strict then
        is_open[bound] = true
      end
      if sign:sub(1, 1) == ">" then low = math.max(low, bound) else high = math.min(high, bound) end
    end
  end
  return low > high or (low == high and is_open[low] == true)
end

local function compile_operators(wish, wanted, path, fields)
  local expressions, texts, values = {}, {}, {}
  for i, name in ipairs(words.keys(wish)) do
    if not IS_OPERATOR[name] then
      problem("%s: there is no test %s%s", path, words.show(name),
        nearest.hint(tostring(name), OPERATORS))
    end
    local expression, own, text = operator[name](wish[name], wanted, path .. "." .. name, fields)
    local before = #values
    expressions[i] = expression:gsub("%$(%d+)", function(n) return "$"
      .. math.tointeger(before + n) end)
    texts[i] = text
    table.move(own, 1, #own, before + 1, values)
  end
  local expected = table.concat(texts, " and ")
  if is_empty(wish, wanted) then problem("%s: nothing is %s", path, expected) end
  return table.concat(expressions, " and "), values, expected
end

local function compile_field(field, wish, fields)
  local path = "where." .. tostring(field)
  if type(field) ~= "string" then problem("where: %s is no name of a field", words.show(field)) end
  local wanted = M.field_type(fields, field, path)
  local expression, values, expected
  if wanted and type(wish) == "number" and types.convert(wish, wanted) == wish then
    -- What most tests are, without the detour.
    expression, values, expected = "v == $1", { wish }, words.show(wish)
  elseif type(wish) ~= "table" then
    expression, values, expected = operator.one_of({ wish }, wanted, path)
  elseif next(wish) == nil then
    problem("%s: an empty list fits nothing", path)
  elseif wish[1] ~= nil then
    expression, values, expected = operator.one_of(wish, wanted, path)
  else
    expression, values, expected = compile_operators(wish, wanted, path, fields)
  end
  return {
    kind = "where", name = field, field = field, expression = expression, values = values,
    expected = expected,
  }
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
