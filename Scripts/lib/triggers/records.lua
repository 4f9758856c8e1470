--- What is counted and kept of each trigger: plain data, so that it survives a reload.

local limits = require "lib.triggers.limits"

local M = {}

---@class triggers.Record counters of one trigger
---@field mark string what the trigger was, see `definition.lua`
---@field name? string
---@field events string[]
---@field filters table<string, any[]>
---@field since integer when counting began, milliseconds since 1970
---@field matched integer events that passed every test
---@field rejected integer[] events by the test they failed at
---@field raised integer conditions that raised an error
---@field started integer actions that were begun
---@field finished integer
---@field errors integer actions that raised an error
---@field refused integer actions that were given up because too many waited
---@field action_ms integer time of all finished actions, with what they waited for
---@field longest_ms integer
---@field timed integer events whose conditions were timed: one in `limits.sample`
---@field timed_us number their time
---@field last_run? integer
---@field done? boolean a single-shot trigger that has fired

---@class triggers.Traces kept events of one trigger: texts, "" if too long, and times
---@field mark string
---@field fired_text? string
---@field fired_at? integer
---@field failed_text string[] by the test that failed
---@field failed_at integer[]

local function plain_list(list) return table.move(list, 1, #list, 1, {}) end

local function new_record(trigger, now)
  local filters = {}
  for property, values in pairs(trigger.filters) do filters[property] = plain_list(values) end
  return {
    mark = trigger.mark, name = trigger.name, events = plain_list(trigger.events),
      filters = filters,
    since = now, matched = 0, rejected = {}, raised = 0, started = 0, finished = 0, errors = 0,
      refused = 0,
    action_ms = 0, longest_ms = 0, timed = 0, timed_us = 0,
  }
end

---@class triggers.Store
---@field records table<string, triggers.Record>
---@field traces table<string, triggers.Traces>

--- An empty store, which nothing survives.
---@return triggers.Store
function M.new() return { records = {}, traces = {} } end

--- Gives a trigger its counters: those it had if it is what it was, else new ones.
---@param store triggers.Store
---@param trigger triggers.Trigger
---@param now integer
---@return boolean kept
function M.attach(store, trigger, now)
  local record, traces = store.records[trigger.key], store.traces[trigger.key]
  local kept = record ~= nil and record.mark == trigger.mark
  if not kept then
    record = new_record(trigger, now)
    store.records[trigger.key] = record
  end
  if not traces or traces.mark ~= trigger.mark then
    traces = { mark = trigger.mark, failed_text = {}, failed_at = {} }
    store.traces[trigger.key] = traces
  end
  for i = 1, #trigger.tests + #trigger.conditions do
    record.rejected[i] = record.rejected[i] or 0
    traces.failed_text[i] = traces.failed_text[i] or ""
    traces.failed_at[i] = traces.failed_at[i] or 0
  end
  trigger.record, trigger.traces = record, traces
  -- What the hot path writes, one step away.
  trigger.rejected, trigger.failed_text, trigger.failed_at = record.rejected, traces.failed_text,
    traces.failed_at
  trigger.last_run = record.last_run
  return kept
end

---@param store triggers.Store
---@param trigger triggers.Trigger
function M.forget(store, trigger)
  store.records[trigger.key], store.traces[trigger.key] = nil, nil
end

-- What a test is called in counters.
local function test_name(trigger, index)
  local test = trigger.tests[index]
  if test then return test.kind == "where" and "where." .. test.name or test.name end
  return "condition " .. index - #trigger.tests
end

--- Counters and traces as plain data.
---@param trigger triggers.Trigger
---@return table
function M.report(trigger)
  local record, traces = trigger.record, trigger.traces
  local rejected, failed, seen = {}, {}, record.matched
  for index = 1, math.min(limits.tests, #trigger.tests + #trigger.conditions) do
    local count, at = record.rejected[index] or 0, traces.failed_at[index] or 0
    seen = seen + count
    rejected[#rejected + 1] = { test = test_name(trigger, index), count = count }
    if at > 0 then
      failed[#failed + 1] = { test = test_name(trigger, index), at = at,
        text = traces.failed_text[index] }
    end
  end
  local fired = traces.fired_at and { at = traces.fired_at, text = traces.fired_text }
  return {
    name = trigger.name, key = trigger.key, place = trigger.place,
      events = plain_list(trigger.events),
    single_shot = trigger.single_shot, registered = trigger.registered,
      has_action = trigger.action ~= nil,
    last_run = trigger.last_run, since = record.since,
    seen = seen, matched = record.matched, rejected = rejected, raised = record.raised,
    started = record.started, finished = record.finished, errors = record.errors,
      refused = record.refused,
    action_ms = record.action_ms, longest_ms = record.longest_ms,
    condition_us = record.timed > 0 and record.timed_us / record.timed or nil,
    last_fired = fired, last_failed = failed,
  }
end

return M
