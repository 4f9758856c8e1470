--- Why a trigger fires for an event, or why not, in words and as plain data.

local code = require "lib.triggers.code"
local evaluate = require "lib.triggers.evaluate"
local records = require "lib.triggers.records"
local texts = require "lib.texts"
local words = require "lib.triggers.words"

local M = {}

-- Bytes of what a condition returned, or raised, that are told.
local SAID_MAX = 1024

---@class (exact) triggers.TestOutcome
---@field test string "events", "characters", "where.zone_id", "condition 2"
---@field outcome "passed"|"failed"|"skipped"
---@field field? string
---@field value? any what the event has there
---@field expected? string what the trigger wants, in words
---@field error? string what a condition raised
---@field words string

---@class (exact) triggers.Explanation
---@field trigger string
---@field event string name of the event
---@field fires boolean
---@field failed_at? string the test that decided
---@field words string the outcome in a sentence
---@field tests triggers.TestOutcome[] in the order in which they are made

-- Only plain data goes out.
local function plain(value)
  local kind = type(value)
  if kind == "string" then return texts.valid(value) end
  if kind == "number" or kind == "boolean" then return value end
  return nil
end

-- What a condition is or returned, in words.
local function said(value) return texts.cut(tostring(value), SAID_MAX) end

local function of_events(trigger, event, name)
  local only = trigger.by_event[name]
  local passed = only == true or (only ~= nil and only.values[event[only.field]] == true)
  local expected = words.list(trigger.events, "or", true)
  local detail = only and not passed and (" with %s %s"):format(only.field,
    words.show(event[only.field])) or ""
  local text = passed and ("it is an event the trigger is for: %s"):format(name)
    or ("it is a %s event%s; the trigger is for %s"):format(name, detail, expected)
  return { test = "events", outcome = passed and "passed" or "failed", value = name,
    expected = expected, words = text }
end

local function filter_words(test, event, passed)
  local fields = test.fields
  local have = {}
  for i, field in ipairs(fields) do
    have[i] = ("%s is %s"):format(field, words.show(event[field]))
  end
  local text = table.concat(have, " and ")
  if passed then return ("%s: one of the trigger's %s"):format(text, test.name) end
  local none = #fields > 1 and "none of them is" or "that is none"
  return ("%s; %s of the trigger's %s (%s)"):format(text, none, test.name, test.expected)
end

local function of_test(test, event)
  local field = test.field
  -- An id that is a text because it is too large is in no order with a number.
  local value, ok, passed = event[field], pcall(code.single(test), event)
  passed = ok and passed
  local text
  if test.kind == "filter" then
    text = filter_words(test, event, passed)
  elseif passed then
    text = ("%s is %s, as wanted: %s"):format(field, words.show(value), test.expected)
  else
    text = ("%s is %s; wanted is %s"):format(field, words.show(value), test.expected)
  end
  return {
    test = test.kind == "where" and "where." .. test.name or test.name, outcome = passed
      and "passed" or "failed",
    field = field, value = plain(value), expected = test.expected, words = text,
  }
end

local function of_condition(condition, event, index, decided)
  local name = "condition " .. index
  if decided then
    return { test = name, outcome = "skipped", words = name
      .. " is not asked: a test before it has failed" }
  end
  if type(condition) ~= "function" then
    local passed = condition and true or false
    return {
      test = name, outcome = passed and "passed" or "failed", value = plain(condition),
        expected = "a value that is true",
      words = ("%s is the value %s, which %s"):format(name, said(condition), passed
        and "passes" or "never passes"),
    }
  end
  local ok, result = evaluate.ask(condition, event)
  if not ok then
    local failure = said(evaluate.words(result))
    return {
      test = name, outcome = "failed", expected = "true", error = failure,
      words = name .. " raised an error, which counts as no: " .. failure,
    }
  end
  return {
    test = name, outcome = result and "passed" or "failed", value = plain(result),
      expected = "true",
    words = ("%s said %s (it returned %s)"):format(name, result and "yes" or "no",
      said(result)),
  }
end

--- Makes every test of the trigger with the event. Conditions behind a test that fails are not
-- asked, as when the event comes; nothing is counted, no action runs.
---@param trigger triggers.Trigger
---@param event table
---@param name string the event's name
---@return triggers.Explanation
function M.explain(trigger, event, name)
  local tests, failed = { of_events(trigger, event, name) }, nil
  local function note(outcome)
    tests[#tests + 1] = outcome
    if outcome.outcome == "failed" and not failed then failed = outcome end
  end
  failed = tests[1].outcome == "failed" and tests[1] or nil
  for _, test in ipairs(trigger.tests) do note(of_test(test, event)) end
  for i, condition in ipairs(records.conditions(trigger)) do note(of_condition(condition, event, i,
    failed ~= nil)) end
  local text
  if failed then
    text = "does not fire: " .. failed.words
  elseif #tests == 1 then
    text = "fires: it takes every " .. name .. " event"
  else
    text = ("fires: all %d tests passed"):format(#tests)
  end
  return {
    trigger = trigger.name or trigger.key, event = name, fires = failed == nil, failed_at = failed
      and failed.test,
    words = text, tests = tests,
  }
end

return M
