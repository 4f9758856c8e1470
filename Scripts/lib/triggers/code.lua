--- Tests as Lua code: the tests of several triggers become one function, because looking up what a
-- test is, and calling it, costs more than making it.
--
-- The text has the shape only (fields and kinds of tests); values come as upvalues. So triggers of
-- the same shape, a thousand from a loop, are compiled once.

local breaker = require "lib.triggers.breaker"
local records = require "lib.triggers.records"

local M = {}

---@class triggers.Test
---@field kind "filter"|"where" where it stands in the trigger
---@field name string what it is called in counters and traces: "zone_id"
---@field field string of the event; `v` in the expression
---@field fields? string[] of a filter
---@field expression string true if the test passes; `$1` stands for the first of `values`
---@field values any[]
---@field expected string for people: "not 2"
---@field alone? fun(event: table): boolean

-- Triggers of one function. Each is a bit of its result.
M.GROUP = 16
-- Values and cells of one function: Lua has 200 local variables at most.
local NAMES_MAX = 150
-- Shapes that are remembered. A set has some; a generator of definitions must not fill the memory.
local SHAPES_MAX = 256

local shapes, shape_count = {}, 0

local function compiled(text)
  local made = shapes[text]
  if made then return made end
  made = assert(load(text, "=trigger", "t", {}))
  if shape_count < SHAPES_MAX then
    shapes[text] = made
    shape_count = shape_count + 1
  end
  return made
end

-- What a function is made of, while its text grows.
local function new_parts() return { names = {}, values = {} } end

local function add(parts, prefix, value)
  local count = #parts.names + 1
  local name = prefix .. count
  parts.names[count], parts.values[count] = name, value
  return name
end

-- The function a text stands for, with its values.
local function made(parts, text)
  if #parts.names > 0 then
    text = ("local %s = ...\n%s"):format(table.concat(parts.names, ", "), text)
  end
  return compiled(text)(table.unpack(parts.values, 1, #parts.names))
end

-- How a field is read. One that events of this kind never have is not looked for: a miss in a
-- table of the reader is a call.
local function field_code(field, known)
  if known and not known[field] then return "nil" end
  return ("event[%q]"):format(field)
end

local function expression_of(test, parts, known)
  local names = {}
  for i, value in ipairs(test.values) do names[i] = add(parts, "s", value) end
  local expression = test.expression:gsub("%$(%d+)", function(n) return names[tonumber(n)] end)
  return (expression:gsub('event%["([%w_]+)"%]', function(field) return field_code(field,
    known) end))
end

local COUNT = "local c = %s c[1] = c[1] + 1 c[2] = trace c[3] = now"

-- A condition that is a function and alone is asked here, as long as nobody has changed the list;
-- in every other case the caller is to ask. `at` says where, for who catches what it raises.
local function condition_code(trigger, number, parts)
  local cut = breaker.cut_off(trigger)
  if cut then
    local cell = records.cell(trigger.traces, #trigger.tests + cut.number)
    return ("%s(%s) %s"):format(add(parts, "u", breaker.count), add(parts, "r", trigger.record),
      COUNT:format(add(parts, "c", cell)))
  end
  local list = records.conditions(trigger)
  local condition, bit = list[1], 1 << (number - 1)
  local caller_asks = "passed = passed | " .. (bit << M.GROUP)
  if type(condition) ~= "function" or #list > 1 then return caller_asks end
  local own, asked = add(parts, "t", trigger), add(parts, "q", condition)
  local cell = add(parts, "c", records.cell(trigger.traces, #trigger.tests + 1))
  local same = add(parts, "l", list)
  return table.concat({
    ("local k = %s.conditions if k ~= %s or k[1] ~= %s or k[2] ~= nil then %s"):format(own, same,
      asked, caller_asks),
    ("else at[1] = %d at[2] = passed"):format(number),
    ("if %s(event) then passed = passed | %d else %s end end"):format(asked, bit,
      COUNT:format(cell)),
  }, "\n")
end

-- The tests of one trigger, each inside of the one before.
local function trigger_code(trigger, number, fields, parts, known)
  local lines, closing = {}, {}
  for i, test in ipairs(trigger.tests) do
    local read = field_code(test.field, known)
    if i == 1 then read = fields[test.field] or read end
    local expression = expression_of(test, parts, known)
    lines[#lines + 1] = ("local v = %s"):format(read)
    lines[#lines + 1] = ("if not (%s) then %s else"):format(expression,
      COUNT:format(add(parts, "c", trigger.traces.cells[i])))
    closing[i] = "end"
  end
  lines[#lines + 1] = condition_code(trigger, number, parts)
  return "do " .. table.concat(lines, "\n") .. "\n" .. table.concat(closing, " ") .. " end"
end

-- Where several triggers look at a field first, it is read once.
local function shared_fields(triggers, known)
  local counts, fields, lines = {}, {}, {}
  for _, trigger in ipairs(triggers) do
    local field = trigger.tests[1] and trigger.tests[1].field
    if field then
      counts[field] = (counts[field] or 0) + 1
      if counts[field] == 2 then
        fields[field] = "f" .. #lines + 1
        lines[#lines + 1] = ("local %s = %s"):format(fields[field], field_code(field, known))
      end
    end
  end
  return fields, lines
end

--- One function for some triggers. Bit n - 1 of its result: trigger n fires; bit n - 1 + `GROUP`:
-- its tests have passed, its conditions are still to be asked. What fails has been counted in the
-- cell of its test. Before it asks a condition, `at[1]` is the trigger's number, `at[2]` the result
-- so far.
---@param triggers triggers.Trigger[] at most `GROUP`, and as many as `fits` says
---@param at integer[]
---@param known? table<string, any> fields that events of this name may have; nil: any
---@return fun(event: table, trace: string, now: integer): integer
function M.group(triggers, at, known)
  local parts = new_parts()
  add(parts, "a", at)
  local fields, lines = shared_fields(triggers, known)
  for i, trigger in ipairs(triggers) do
    lines[#lines + 1] = trigger_code(trigger, i, fields, parts, known)
  end
  return made(parts, ("local at = a1\nreturn function(event, trace, now)\nlocal passed = 0\n%s\n%s")
    :format(table.concat(lines, "\n"), "return passed end"))
end

--- How many local variables a trigger needs in its group.
---@param trigger triggers.Trigger
---@return integer
function M.size(trigger)
  local size = 4
  for _, test in ipairs(trigger.tests) do size = size + #test.values + 1 end
  return size
end

--- Is there room for one more in the group?
---@param count integer triggers in it
---@param size integer their sizes
---@param more integer the size of the next one
---@return boolean
function M.fits(count, size, more) return count < M.GROUP and size + more <= NAMES_MAX end

--- One test by itself.
---@param test triggers.Test
---@return fun(event: table): boolean
function M.single(test)
  if test.alone then return test.alone end
  local parts = new_parts()
  local expression = expression_of(test, parts)
  local text = ("return function(event) local v = event[%q]\nreturn (%s) and true or false end")
    :format(test.field, expression)
  test.alone = made(parts, text)
  return test.alone
end

return M
