--- The hot path: an event against the triggers it concerns. Tests are compiled, a group of triggers
-- at a time (`code.lua`); here is what becomes of the outcome.

local breaker = require "lib.triggers.breaker"
local code = require "lib.triggers.code"
local records = require "lib.triggers.records"

local M = {}

local unpack = table.unpack

-- What is called next, and with what.
local called, first, second, third

-- A condition must not wait: the events behind would wait with it. Nothing can wait below a
-- function of Lua's own that calls back, and `table.unpack(gate, 1, 1)` is the cheapest of these:
-- it asks for `gate[1]`. A spec may put another one into its place (`enter`).
local gate = setmetatable({}, { __index = function() return called(first, second, third) end })

--- Asks a condition, which cannot wait there.
---@param condition fun(event: table): any
---@param event table
---@param enter? function
---@return boolean ok
---@return any result or what was raised
function M.ask(condition, event, enter)
  called, first = condition, event
  return pcall(enter or unpack, gate, 1, 1)
end

--- What a condition has raised, as text. The host's words for a wait that is not possible are about
-- its insides.
---@param failure any
---@return string
function M.words(failure)
  return (tostring(failure):gsub("('[^']*') waits, which is not possible.*",
    "%1 waits, which a condition must not"))
end

-- Bit → place in the group.
local PLACE = {}
for i = 1, code.GROUP do PLACE[1 << (i - 1)] = i end

local function count_failed(trigger, number, trace, now)
  local cell = records.cell(trigger.traces, number)
  cell[1], cell[2], cell[3] = cell[1] + 1, trace, now
end

-- A condition that takes too long is ended together with the handler, and tells nobody. So whoever
-- asks conditions puts a mark on a pile first and takes it down afterwards; marks that stay there
-- are of those that never came back (`unfinished`). A mark is a group, whose `at` says which
-- trigger it was, or what `mark_of` gives; under another mark it is a copy, of that moment.
local function put_mark(set, mark)
  local depth, marks = set.depth, set.marks
  local below = marks[depth]
  if below and not below.settled then
    local at = below.at
    marks[depth] = {
      settled = true, trigger = at and below.triggers[at[1]] or below.trigger,
      number = at and 1 or below.number, event = at and at[3] or below.event,
    }
  end
  set.depth, marks[depth + 1] = depth + 1, mark
  return below
end

local function take_mark(set, below)
  local depth = set.depth - 1
  set.depth = depth
  if below then set.marks[depth] = below end
end

--- What was being asked when a handler was ended. Only for who is not called by a condition: marks
-- of conditions that are being asked look the same.
---@param set triggers.Set
---@return {trigger?: triggers.Trigger, number?: integer, event?: table}[]
function M.unfinished(set)
  local found = {}
  if set.depth == 0 then return found end
  -- What is on top is settled by one more mark.
  put_mark(set, found)
  for i = 1, set.depth - 1 do found[i] = set.marks[i] end
  set.depth, set.marks = 0, {}
  return found
end

--- Counts a condition that did not come back.
---@param trigger triggers.Trigger
---@param number integer
---@param trace string
---@param now integer
function M.count_unfinished(trigger, number, trace, now)
  local record = trigger.record
  record.raised, record.overran = record.raised + 1, (record.overran or 0) + 1
  count_failed(trigger, #trigger.tests + number, trace, now)
end

-- The mark of a trigger whose conditions are asked one by one.
local function mark_of(trigger)
  local mark = trigger.asking
  if not mark then
    mark = { trigger = trigger, number = 1 }
    trigger.asking = mark
  end
  return mark
end

-- The first condition that says no; 0 if none does.
local function conditions_of(set, trigger, event)
  local conditions, enter = records.conditions(trigger), set.enter
  if #conditions == 0 then return 0 end
  local cut = breaker.cut_off(trigger)
  if cut then
    breaker.count(trigger.record)
    return cut.number
  end
  local mark = mark_of(trigger)
  local below, failed = put_mark(set, mark), 0
  mark.event = event
  for i = 1, #conditions do
    local result = conditions[i]
    if type(result) == "function" then
      mark.number = i
      local ok, answer = M.ask(result, event, enter)
      if not ok then set:condition_raised(trigger, result, i, answer) end
      result = ok and answer
    end
    if not result then
      failed = i
      break
    end
  end
  take_mark(set, below)
  mark.event = nil
  return failed
end

-- A trigger whose tests have passed.
local function ask(set, trigger, event, text, trace, now)
  local failed = conditions_of(set, trigger, event)
  if failed == 0 then return set:fire(trigger, event, text, trace) end
  count_failed(trigger, #trigger.tests + failed, trace, now)
  return 0
end

-- The outcome of a group, in the order of its triggers.
local function settle(set, triggers, passed, event, text, trace, now)
  local fired = 0
  local rest = (passed | passed >> code.GROUP) & (1 << code.GROUP) - 1
  while rest ~= 0 do
    local bit = rest & -rest
    rest = rest ~ bit
    local trigger = triggers[PLACE[bit]]
    if passed & bit ~= 0 then
      fired = fired + set:fire(trigger, event, text, trace)
    else
      fired = fired + ask(set, trigger, event, text, trace, now)
    end
  end
  return fired
end

-- One trigger by itself, behind one of its group that has raised an error.
local function test_alone(set, trigger, event, trace, now)
  for i, test in ipairs(trigger.tests) do
    local ok, passed = pcall(code.single(test), event)
    if not ok then set:warn("a test failed", { trigger = trigger.key,
      error = tostring(passed) }) end
    if not ok or not passed then
      count_failed(trigger, i, trace, now)
      return false
    end
  end
  return true
end

-- A condition of the group has raised an error: the triggers before it are settled, it counts as
-- no, those behind it are tested one by one.
local function recover(set, group, failure, event, text, trace, now)
  local triggers, number, passed = group.triggers, group.at[1], group.at[2]
  local fired = settle(set, triggers, passed, event, text, trace, now)
  if number > 0 then
    local trigger = triggers[number]
    -- It may have changed the list before it failed.
    local condition = records.conditions(trigger)[1]
    set:condition_raised(trigger, condition == nil and 1 or condition, 1, failure)
    count_failed(trigger, #trigger.tests + 1, trace, now)
  end
  for i = number + 1, #triggers do
    local trigger = triggers[i]
    if test_alone(set, trigger, event, trace, now) then
      fired = fired + ask(set, trigger, event, text, trace, now)
    end
  end
  return fired
end

-- One event in some is tested with the clock in hand: conditions one by one.
local function measure(set, list, event, text, trace)
  local clock, now, fired = set.host.clock, set.time, 0
  for _, group in ipairs(list.groups) do
    for _, trigger in ipairs(group.triggers) do
      if test_alone(set, trigger, event, trace, now) then
        local began = clock()
        local failed = conditions_of(set, trigger, event)
        if records.conditions(trigger)[1] ~= nil then
          local record = trigger.record
          record.timed = record.timed + 1
          record.timed_us = record.timed_us + (clock() - began) * 1e6
        end
        if failed == 0 then
          fired = fired + set:fire(trigger, event, text, trace)
        else
          count_failed(trigger, #trigger.tests + failed, trace, now)
        end
      end
    end
  end
  return fired
end

-- A group in which conditions are asked: what they raise ends here.
local function guarded(set, group, event, text, trace, now)
  local at = group.at
  -- A condition may give an event to the set itself.
  local number, before, outer = at[1], at[2], at[3]
  local below
  if set.depth == 0 then
    set.depth, set.marks[1] = 1, group
  else
    below = put_mark(set, group)
  end
  at[1], at[2], at[3] = 0, 0, event
  called, first, second, third = group.check, event, trace, now
  local ok, passed = pcall(set.enter, gate, 1, 1)
  if below then take_mark(set, below) else set.depth = 0 end
  local fired = 0
  if not ok then
    fired = recover(set, group, passed, event, text, trace, now)
  elseif passed ~= 0 then
    fired = settle(set, group.triggers, passed, event, text, trace, now)
  end
  at[1], at[2], at[3] = number, before, outer
  return fired
end

--- Tests all triggers of the list one by one: for an event with a value of another type than its
-- field's, with which some test may raise an error.
---@param set triggers.Set
---@param list triggers.List
---@param event table
---@param text? string
---@return integer fired
function M.run_alone(set, list, event, text)
  local left = set.left - 1
  if left == 0 then set:tick() else set.left = left end
  return measure(set, list, event, text, text and #text <= set.trace_bytes and text or "")
end

--- Tests all triggers of the list, and lets those fire that pass.
---@param set triggers.Set
---@param list triggers.List
---@param event table
---@param text? string
---@return integer fired
function M.run(set, list, event, text)
  local trace = text
  if not text or #text > set.trace_bytes then trace = "" end
  local left = set.left - 1
  if left == 0 then
    set:tick()
    if list.functions then return measure(set, list, event, text, trace) end
  else
    set.left = left
  end
  local now, groups, fired = set.time, list.groups, 0
  if list.functions then
    for i = 1, #groups do
      fired = fired + guarded(set, groups[i], event, text, trace, now)
    end
    return fired
  end
  for i = 1, #groups do
    local group = groups[i]
    local passed = group.check(event, trace, now)
    if passed ~= 0 then
      fired = fired + settle(set, group.triggers, passed, event, text, trace, now)
    end
  end
  return fired
end

return M
