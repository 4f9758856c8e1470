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
-- The same for texts of single triggers, of some hundred bytes: 16 for each shape and event.
local PIECES_MAX = 4096

local shapes, shape_count = {}, 0

-- `key` says what the text is; the text is asked for if it is new.
local function compiled(key, text_of)
  local made = shapes[key]
  if made then return made end
  made = assert(load(text_of(), "=trigger", "t", {}))
  if shape_count < SHAPES_MAX then
    shapes[key] = made
    shape_count = shape_count + 1
  end
  return made
end

-- A text with the names of its values.
local function with_names(names, text)
  if #names == 0 then return text end
  return ("local %s = ...\n%s"):format(table.concat(names, ", "), text)
end

-- How a field is read. One that events of this kind never have is not looked for: a miss in a
-- table of the reader is a call.
local function field_code(field, known)
  if known and not known[field] then return "nil" end
  return ("event[%q]"):format(field)
end

local function expression_of(test, names, known)
  local expression = test.expression:gsub("%$(%d+)", function(n) return names[tonumber(n)] end)
  return (expression:gsub('event%["([%w_]+)"%]', function(field)
    return field_code(field, known)
  end))
end

local COUNT = "local c = %s c[1] = c[1] + 1 c[2] = trace c[3] = now"

-- How the conditions of a trigger are asked. One that is a function and alone is asked in the
-- group, as long as nobody has changed the list; in every other case the caller is to ask.
local function asking_of(trigger)
  if breaker.cut_off(trigger) then return "not" end
  local list = records.conditions(trigger)
  return type(list[1]) == "function" and #list == 1 and "here" or "caller"
end

-- The values of a trigger, in the order of `trigger_text`'s names.
local function add_values(trigger, asking, values)
  local count = #values
  for i, test in ipairs(trigger.tests) do
    for _, value in ipairs(test.values) do
      count = count + 1
      values[count] = value
    end
    count = count + 1
    values[count] = trigger.traces.cells[i]
  end
  if asking == "not" then
    local number = breaker.cut_off(trigger).number
    values[count + 1], values[count + 2] = breaker.count, trigger.record
    values[count + 3] = records.cell(trigger.traces, #trigger.tests + number)
  elseif asking == "here" then
    local list = records.conditions(trigger)
    values[count + 1], values[count + 2], values[count + 3] = trigger, list, list[1]
    values[count + 4] = records.cell(trigger.traces, #trigger.tests + 1)
  end
end

-- `at` says where, for who catches what the condition raises.
local function condition_text(asking, number, name)
  local bit = 1 << (number - 1)
  local caller_asks = "passed = passed | " .. (bit << M.GROUP)
  if asking == "caller" then return caller_asks end
  if asking == "not" then
    return ("%s(%s) %s"):format(name "u", name "r", COUNT:format(name "c"))
  end
  local own, same, asked, cell = name "t", name "l", name "q", name "c"
  return table.concat({
    ("local k = %s.conditions if k ~= %s or k[1] ~= %s or k[2] ~= nil then %s"):format(own, same,
      asked, caller_asks),
    ("else at[1] = %d at[2] = passed"):format(number),
    ("if %s(event) then passed = passed | %d else %s end end"):format(asked, bit,
      COUNT:format(cell)),
  }, "\n")
end

-- The tests of one trigger, each inside of the one before, and the names of what they need; `first`
-- names come before.
local function trigger_text(trigger, number, asking, first, alias, known)
  local lines, closing, names = {}, {}, {}
  local function name(prefix)
    names[#names + 1] = prefix .. first + #names + 1
    return names[#names]
  end
  for i, test in ipairs(trigger.tests) do
    local read = i == 1 and alias or field_code(test.field, known)
    local own = {}
    for v = 1, #test.values do own[v] = name "s" end
    lines[#lines + 1] = ("local v = %s"):format(read)
    lines[#lines + 1] = ("if not (%s) then %s else"):format(expression_of(test, own, known),
      COUNT:format(name "c"))
    closing[i] = "end"
  end
  lines[#lines + 1] = condition_text(asking, number, name)
  return "do " .. table.concat(lines, "\n") .. "\n" .. table.concat(closing, " ") .. " end", names
end

-- What it looks like, whatever its values.
local function shape_of(trigger)
  if trigger.shape then return trigger.shape end
  local shape = {}
  for _, test in ipairs(trigger.tests) do
    shape[#shape + 1] = test.field
    shape[#shape + 1] = test.expression
    shape[#shape + 1] = #test.values
  end
  trigger.shape = table.concat(shape, " ")
  return trigger.shape
end

-- Texts of triggers by known fields, shape and place in the group: to make one costs ten times as
-- much as to find it.
local pieces, piece_count, piece_id = {}, 0, 0
local NO_FIELDS = {}

local function piece_of(trigger, number, asking, first, alias, known)
  local key = ("%d %d %s %s %s"):format(number, first, asking, alias or "", shape_of(trigger))
  if piece_count >= PIECES_MAX then pieces, piece_count = {}, 0 end
  local of_known = pieces[known or NO_FIELDS] or {}
  pieces[known or NO_FIELDS] = of_known
  local piece = of_known[key]
  if not piece then
    local text, names = trigger_text(trigger, number, asking, first, alias, known)
    piece_id = piece_id + 1
    piece = { id = piece_id, text = text, names = names }
    of_known[key], piece_count = piece, piece_count + 1
  end
  return piece
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
  local aliases, reading = shared_fields(triggers, known)
  local values, own, ids = { at }, {}, {}
  for i, trigger in ipairs(triggers) do
    local asking, test = asking_of(trigger), trigger.tests[1]
    own[i] = piece_of(trigger, i, asking, #values, test and aliases[test.field], known)
    ids[i] = own[i].id
    add_values(trigger, asking, values)
  end
  local made = compiled(table.concat(ids, " "), function()
    local names, lines = { "at" }, { "return function(event, trace, now)", "local passed = 0" }
    table.move(reading, 1, #reading, #lines + 1, lines)
    for _, piece in ipairs(own) do
      table.move(piece.names, 1, #piece.names, #names + 1, names)
      lines[#lines + 1] = piece.text
    end
    lines[#lines + 1] = "return passed end"
    return with_names(names, table.concat(lines, "\n"))
  end)
  return made(table.unpack(values))
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
  local names = {}
  for i = 1, #test.values do names[i] = "s" .. i end
  local text = with_names(names,
    ("return function(event) local v = event[%q]\nreturn (%s) and true or false end"):format(
      test.field, expression_of(test, names)))
  test.alone = compiled(text, function() return text end)(table.unpack(test.values))
  return test.alone
end

return M
