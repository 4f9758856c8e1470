--- The hot path: an event against the triggers it concerns. Tests are compiled, a group of triggers
-- at a time (`code.lua`); here is what becomes of the outcome.

local code = require "lib.triggers.code"
local records = require "lib.triggers.records"

local M = {}

-- Bit → place in the group.
local PLACE = {}
for i = 1, code.GROUP do PLACE[1 << (i - 1)] = i end

local function count_failed(trigger, number, trace, now)
  local cell = records.cell(trigger.traces, number)
  cell[1], cell[2], cell[3] = cell[1] + 1, trace, now
end

-- The first condition that says no; 0 if none does.
local function conditions_of(set, trigger, event)
  local conditions = records.conditions(trigger)
  for i = 1, #conditions do
    local condition = conditions[i]
    local result = condition
    if type(condition) == "function" then
      local ok
      ok, result = pcall(condition, event)
      if not ok then
        set:condition_raised(trigger, condition, i, result)
        result = false
      end
    end
    if not result then return i end
  end
  return 0
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
  local number, before = at[1], at[2]
  at[1], at[2] = 0, 0
  local ok, passed = pcall(group.check, event, trace, now)
  local fired = 0
  if not ok then
    fired = recover(set, group, passed, event, text, trace, now)
  elseif passed ~= 0 then
    fired = settle(set, group.triggers, passed, event, text, trace, now)
  end
  at[1], at[2] = number, before
  return fired
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
