--- Events that are tried with triggers whose conditions may never come back. They are asked in
-- tasks that may be ended; what comes of it is told of each trigger by itself.

local explain = require "lib.triggers.explain"
local limits = require "lib.triggers.limits"
local reader = require "lib.triggers.reader"
local records = require "lib.triggers.records"

local M = {}

-- After so much work the next triggers have a task of their own, seconds: what is asked there has
-- nearly all the time that a handler has.
local TURN_SECONDS = 0.005

local REFUSAL = "too many other conditions took too long"

--- The trigger that is meant.
---@param set triggers.Set
---@param trigger triggers.Trigger|string
---@return triggers.Trigger?
---@return string? code
---@return string? detail
function M.trigger(set, trigger)
  if type(trigger) == "string" then
    local named = set.by_name[trigger] or set.by_key[trigger]
    if named then return named end
    return nil, "no_trigger", ('No trigger with name "%s"'):format(trigger)
  elseif type(trigger) ~= "table" or not trigger.by_event then
    return nil, "no_trigger", "This trigger is not registered"
  end
  return trigger
end

--- The event that is tried.
---@param set triggers.Set
---@param message string|table
---@return table?
---@return string? code
---@return string? detail
function M.event(set, message)
  if type(message) == "string" then return set:read(message, true) end
  if message.raw then return message end
  local event, code, detail = reader.typed(set.schema, message)
  if not event then return nil, reader.code(code), detail end
  return event
end

local function asks(trigger)
  for _, condition in ipairs(records.conditions(trigger)) do
    if type(condition) == "function" then return true end
  end
  return false
end

--- Explains an event for some triggers. Waits if there are conditions to be asked.
---@async
---@param set triggers.Set
---@param triggers triggers.Trigger[]
---@param event table
---@return triggers.Explanation[] of each, in their order
function M.all(set, triggers, event)
  local name, host = tostring(event[set.schema.name]), set.host
  local results, at, overruns, attempt = {}, 1, 0, nil
  local function turn()
    local began = host.clock()
    repeat
      attempt = { tests = {}, enter = set.enter }
      if overruns >= limits.tried_overruns then attempt.refusal = REFUSAL end
      results[at] = explain.explain(triggers[at], event, name, attempt)
      at = at + 1
    until at > #triggers or host.clock() - began >= TURN_SECONDS
  end
  while at <= #triggers do
    local first = at
    if not asks(triggers[at]) or overruns >= limits.tried_overruns then
      results[at] = explain.explain(triggers[at], event, name,
        { tests = {}, refusal = overruns >= limits.tried_overruns and REFUSAL or nil })
      at = at + 1
    elseif not host.isolate(turn) and at == first then
      -- One behind others had less time; it is asked once more.
      overruns = overruns + 1
      results[at] = explain.cut_short(triggers[at], name, attempt)
      at = at + 1
    end
  end
  return results
end

return M
