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
---@field raised integer conditions that raised an error, or took too long
---@field overran? integer of these: took too long, so that the event was lost
---@field started integer actions that were begun
---@field finished integer
---@field errors integer actions that raised an error
---@field refused integer actions that were given up because too many waited
---@field action_ms integer time of all finished actions, with what they waited for
---@field longest_ms integer
---@field timed integer events whose conditions were timed: one in `limits.sample`
---@field timed_us number their time
---@field last_run? integer
---@field unasked? integer events for which a condition was not asked, see `breaker.lua`
---@field cut? triggers.Cut
---@field done? boolean a single-shot trigger that has fired
---@field removed? boolean a script has taken it out; nothing else is counted then
--- it ends with its generation: a handler has added it, or waits for it
---@field passing? "added"|"wait"

---@class triggers.Cell what is kept of events that failed at one test
---@field [1] integer how many
---@field [2] string text of the last one, "" if it was too long
---@field [3] integer when it came, milliseconds since 1970

---@class triggers.Traces kept events of one trigger
---@field mark string
---@field fired_text? string
---@field fired_at? integer
---@field cells triggers.Cell[] by the test that failed; conditions behind the others

local function plain_list(list) return table.move(list, 1, #list, 1, {}) end

local function new_record(trigger, now)
  local filters = {}
  for property, values in pairs(trigger.filters) do filters[property] = plain_list(values) end
  return {
    mark = trigger.mark, name = trigger.name, events = plain_list(trigger.events),
      filters = filters,
    since = now, matched = 0, raised = 0, started = 0, finished = 0, errors = 0,
      refused = 0,
    action_ms = 0, longest_ms = 0, timed = 0, timed_us = 0,
  }
end

local NONE = {}

--- The conditions of a trigger. The field is the script's: one that has put nil there wants none,
-- one that has put a function there means that one. It must not stop what other triggers wait for.
---@param trigger triggers.Trigger
---@return any[]
function M.conditions(trigger)
  local conditions = trigger.conditions
  if type(conditions) == "table" then return conditions end
  return conditions == nil and NONE or { conditions }
end

---@class triggers.Store
---@field records table<string, triggers.Record>
---@field traces table<string, triggers.Traces>

--- An empty store, which nothing survives.
---@return triggers.Store
function M.new() return { records = {}, traces = {} } end

--- The cell of a test; made if there is none.
---@param traces triggers.Traces
---@param number integer
---@return triggers.Cell
function M.cell(traces, number)
  local cell = traces.cells[number]
  if not cell then
    cell = { 0, "", 0 }
    traces.cells[number] = cell
  end
  return cell
end

--- Gives a trigger its counters: those it had if it is what it was, else new ones.
---@param store triggers.Store
---@param trigger triggers.Trigger
---@param now integer
---@param is_new? boolean the counters that it has, if any, are new
---@return boolean kept
function M.attach(store, trigger, now, is_new)
  local record, traces = store.records[trigger.key], store.traces[trigger.key]
  local kept = record ~= nil and record.mark == trigger.mark
  if not kept then
    record = is_new and trigger.record or new_record(trigger, now)
    store.records[trigger.key] = record
  end
  if not kept or not traces or traces.mark ~= trigger.mark then
    traces = is_new and trigger.traces or { mark = trigger.mark, cells = {} }
    store.traces[trigger.key] = traces
  end
  for i = 1, #trigger.tests + #M.conditions(trigger) do M.cell(traces, i) end
  trigger.record, trigger.traces = record, traces
  trigger.last_run = record.last_run or trigger.last_run
  return kept
end

---@param store triggers.Store
---@param trigger triggers.Trigger
function M.forget(store, trigger)
  store.records[trigger.key], store.traces[trigger.key] = nil, nil
end

--- A trigger has been taken out that will be added again as it was.
---@param store triggers.Store
---@param trigger triggers.Trigger
function M.note_removed(store, trigger)
  local record = new_record(trigger, 0)
  record.removed = true
  store.records[trigger.key] = record
end

---@param store triggers.Store
---@param key string
---@return boolean
function M.is_removed(store, key)
  local record = store.records[key]
  return record ~= nil and record.removed == true
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
  for index = 1, math.min(limits.tests, #trigger.tests + #M.conditions(trigger)) do
    local cell = traces.cells[index] or { 0, "", 0 }
    seen = seen + cell[1]
    rejected[#rejected + 1] = { test = test_name(trigger, index), count = cell[1] }
    if cell[1] > 0 then
      failed[#failed + 1] = { test = test_name(trigger, index), at = cell[3], text = cell[2] }
    end
  end
  local fired = traces.fired_at and { at = traces.fired_at, text = traces.fired_text }
  return {
    name = trigger.name, key = trigger.key, place = trigger.place,
      events = plain_list(trigger.events),
    single_shot = trigger.single_shot, registered = trigger.registered,
      has_action = rawget(trigger, "action") ~= nil,
    last_run = trigger.last_run, since = record.since,
    seen = seen, matched = record.matched, rejected = rejected, raised = record.raised,
      overran = record.overran or 0, unasked = record.unasked or 0,
      cut_off = record.cut and record.cut.till and { condition = record.cut.number,
        times = record.cut.times, till = record.cut.till } or nil,
    started = record.started, finished = record.finished, errors = record.errors,
      refused = record.refused,
    action_ms = record.action_ms, longest_ms = record.longest_ms,
    condition_us = record.timed > 0 and record.timed_us / record.timed or nil,
    last_fired = fired, last_failed = failed,
  }
end

return M
