--- Why a trigger fires for an event, or why not, in words and as plain data.

local breaker = require "lib.triggers.breaker"
local code = require "lib.triggers.code"
local evaluate = require "lib.triggers.evaluate"
local records = require "lib.triggers.records"
local texts = require "lib.texts"
local words = require "lib.triggers.words"

local M = {}

-- Bytes of what a condition returned, or raised, that are told.
local SAID_MAX = 1024

local CUT_OFF = "condition %d took too long %d times in a row; it is asked again after a minute, "
  .. "or when its file has changed"

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

local function unasked(index, why)
  local name = "condition " .. index
  return { test = name, outcome = "skipped", words = name .. " is not asked: " .. why }
end

local function of_condition(condition, event, index, decided, enter)
  local name = "condition " .. index
  if decided then return unasked(index, "a test before it has failed") end
  if type(condition) ~= "function" then
    local passed = condition and true or false
    return {
      test = name, outcome = passed and "passed" or "failed", value = plain(condition),
        expected = "a value that is true",
      words = ("%s is the value %s, which %s"):format(name, said(condition), passed
        and "passes" or "never passes"),
    }
  end
  local ok, result = evaluate.ask(condition, event, enter)
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

-- What the tests come to.
local function outcome_of(trigger, name, tests)
  local failed
  for _, test in ipairs(tests) do
    if test.outcome == "failed" then
      failed = test
      break
    end
  end
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

---@class triggers.Attempt an explanation, which may be ended from outside
---@field tests triggers.TestOutcome[] so far
---@field asking? integer the condition that is being asked
---@field enter? function
---@field refusal? string why conditions are not asked

--- Makes every test of the trigger with the event. Conditions behind a test that fails are not
-- asked, as when the event comes; nothing is counted, no action runs.
---@param trigger triggers.Trigger
---@param event table
---@param name string the event's name
---@param attempt? triggers.Attempt
---@return triggers.Explanation
function M.explain(trigger, event, name, attempt)
  attempt = attempt or { tests = {} }
  local tests, cut, has_failed = attempt.tests, breaker.cut_off(trigger), false
  local function note(outcome)
    tests[#tests + 1] = outcome
    has_failed = has_failed or outcome.outcome == "failed"
  end
  note(of_events(trigger, event, name))
  for _, test in ipairs(trigger.tests) do note(of_test(test, event)) end
  for i, condition in ipairs(records.conditions(trigger)) do
    if not has_failed and (attempt.refusal or cut) then
      local why = attempt.refusal or CUT_OFF:format(cut.number, cut.times)
      note(unasked(i, why))
      tests[#tests].outcome, has_failed = "failed", true
    else
      attempt.asking = i
      note(of_condition(condition, event, i, has_failed, attempt.enter))
      attempt.asking = nil
    end
  end
  return outcome_of(trigger, name, tests)
end

--- What an attempt comes to that was ended while it asked a condition.
---@param trigger triggers.Trigger
---@param name string the event's name
---@param attempt triggers.Attempt
---@return triggers.Explanation
function M.cut_short(trigger, name, attempt)
  local tests, conditions = attempt.tests, records.conditions(trigger)
  local test = "condition " .. attempt.asking
  tests[#tests + 1] = {
    test = test, outcome = "failed", expected = "true", error = "it took too long",
    words = test .. " took longer than a handler may work, which counts as no",
  }
  for i = attempt.asking + 1, #conditions do
    tests[#tests + 1] = unasked(i, "a test before it has failed")
  end
  return outcome_of(trigger, name, tests)
end

return M
