--- The hot path: an event against the triggers it concerns.

local limits = require "lib.triggers.limits"

local M = {}

local TRACE_BYTES, SAMPLE = limits.trace_bytes, limits.sample

-- The first condition that says no; 0 if none does.
local function conditions_of(set, trigger, event)
  local conditions = trigger.conditions
  for i = 1, #conditions do
    local condition = conditions[i]
    if type(condition) == "function" then
      local ok, result = pcall(condition, event)
      if not ok then
        set:condition_raised(trigger, condition, i, result)
        return i
      end
      if not result then return i end
    elseif not condition then
      return i
    end
  end
  return 0
end

-- The same, with the time it takes.
local function timed(set, trigger, event)
  local clock = set.host.clock
  local began = clock()
  local failed = conditions_of(set, trigger, event)
  local record = trigger.record
  record.timed = record.timed + 1
  record.timed_us = record.timed_us + (clock() - began) * 1e6
  return failed
end

--- Tests all triggers of the list, and lets those fire that pass.
---@param set triggers.Set
---@param list triggers.Trigger[]
---@param event table
---@param text? string for the traces
---@param now integer
---@return integer fired
function M.scan(set, list, event, text, now)
  local fired = 0
  local trace = text and #text <= TRACE_BYTES and text or ""
  local seen = set.seen + 1
  set.seen = seen
  local check = seen % SAMPLE == 0 and timed or conditions_of
  for i = 1, #list do
    local trigger = list[i]
    local tests, failed = trigger.tests, 0
    local count = #tests
    for t = 1, count do
      local test = tests[t]
      local allowed = test.allowed
      if allowed then
        if not allowed[event[test.field]] then
          local other = test.other
          if not other or not allowed[event[other]] then
            failed = t
            break
          end
        end
      elseif not test.passes(event) then
        failed = t
        break
      end
    end
    if failed == 0 and trigger.conditions[1] ~= nil then
      failed = check(set, trigger, event)
      if failed > 0 then failed = failed + count end
    end
    if failed > 0 then
      local rejected = trigger.rejected
      rejected[failed] = (rejected[failed] or 0) + 1
      trigger.failed_text[failed], trigger.failed_at[failed] = trace, now
    elseif trigger.registered then
      -- One that an earlier trigger of this event has removed fires no more.
      fired = fired + 1
      set:fire(trigger, event, text, trace, now)
    end
  end
  return fired
end

return M
