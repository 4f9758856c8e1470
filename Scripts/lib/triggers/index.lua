--- Which triggers an event concerns: found by its name, so that those for other events cost
-- nothing.

local breaker = require "lib.triggers.breaker"
local code = require "lib.triggers.code"
local records = require "lib.triggers.records"

local M = {}

---@class triggers.Bucket triggers for one event name
--- in the order of registration
---@field entries {trigger: triggers.Trigger, only?: {field: string, values: table}}[]
---@field known? table<string, any> fields that events of this name may have; nil: any
---@field dirty boolean the lists below are to be made anew
---@field list triggers.List those for every event of the name
---@field field? string the field that narrower names look at
--- `list` and those that are for this value, in order
---@field by_value? table<any, triggers.Trigger[]>

--- Adds a trigger behind those that are there.
---@param buckets table<string, triggers.Bucket> by event name
---@param trigger triggers.Trigger
---@param kinds table<string, table<string, any>> fields by event name, as far as they are known
---@return string? problem
function M.add(buckets, trigger, kinds)
  for name, only in pairs(trigger.by_event) do
    local bucket = buckets[name]
    if only ~= true and bucket and bucket.field and bucket.field ~= only.field then
      return "events: " .. name .. ": two fields narrow it"
    end
  end
  for name, only in pairs(trigger.by_event) do
    local bucket = buckets[name] or { entries = {}, dirty = true, known = kinds[name] }
    buckets[name] = bucket
    bucket.entries[#bucket.entries + 1] = { trigger = trigger, only = only ~= true and only or nil }
    if only ~= true then bucket.field = only.field end
    bucket.dirty = true
  end
  return nil
end

--- Takes a trigger out. Lists that somebody goes through at the moment stay as they are.
---@param buckets table<string, triggers.Bucket> by event name
---@param trigger triggers.Trigger
function M.remove(buckets, trigger)
  for name in pairs(trigger.by_event) do
    local bucket = buckets[name]
    for i = #bucket.entries, 1, -1 do
      if bucket.entries[i].trigger == trigger then
        table.remove(bucket.entries, i)
        break
      end
    end
    bucket.dirty = true
    if #bucket.entries == 0 then buckets[name] = nil end
  end
end

---@class triggers.Group some triggers, whose tests are one function
---@field triggers triggers.Trigger[]
---@field traces triggers.Traces[] of the triggers: where the function counts
---@field cuts (triggers.Cut|false)[] conditions that it does not ask
---@field check fun(event: table, trace: string, now: integer): integer
---@field at integer[] see `code.group`

---@class triggers.List triggers as the hot path wants them; never changed once it is made
---@field groups triggers.Group[]
---@field functions boolean some trigger has conditions

local function same(group, triggers)
  if not group or #group.triggers ~= #triggers then return false end
  for i, trigger in ipairs(triggers) do
    -- Cells are new when the counters began anew.
    if group.triggers[i] ~= trigger or group.traces[i] ~= trigger.traces
      or group.cuts[i] ~= (breaker.cut_off(trigger) or false) then return false end
  end
  return true
end

-- Groups that are as they were are taken over: adding a trigger makes one function anew.
local function close_group(list, triggers, before, known)
  if #triggers == 0 then return end
  local number = #list.groups + 1
  local group = before and before.groups[number]
  if not same(group, triggers) then
    local traces, cuts, at = {}, {}, { 0, 0 }
    for i, trigger in ipairs(triggers) do
      traces[i], cuts[i] = trigger.traces, breaker.cut_off(trigger) or false
    end
    local check = code.group(triggers, at, known)
    group = { triggers = triggers, traces = traces, cuts = cuts, check = check, at = at }
  end
  list.groups[number] = group
end

local function make_list(triggers, before, known)
  local list, open, size = { groups = {}, functions = false }, {}, 0
  for _, trigger in ipairs(triggers) do
    local more = code.size(trigger)
    if not code.fits(#open, size, more) then
      close_group(list, open, before, known)
      open, size = {}, 0
    end
    open[#open + 1] = trigger
    size = size + more
    list.functions = list.functions or records.conditions(trigger)[1] ~= nil
  end
  close_group(list, open, before, known)
  return list
end

--- Makes the lists of a bucket anew.
---@param bucket triggers.Bucket
function M.rebuild(bucket)
  local all, by_value, field = {}, nil, nil
  for _, entry in ipairs(bucket.entries) do
    if entry.only then
      field, by_value = entry.only.field, by_value or {}
      for value in pairs(entry.only.values) do by_value[value] = by_value[value] or {} end
    end
  end
  for _, entry in ipairs(bucket.entries) do
    local trigger = entry.trigger
    if entry.only then
      for value in pairs(entry.only.values) do
        by_value[value][#by_value[value] + 1] = trigger
      end
    else
      all[#all + 1] = trigger
      for _, triggers in pairs(by_value or {}) do triggers[#triggers + 1] = trigger end
    end
  end
  bucket.list = make_list(all, bucket.list, bucket.known)
  for value, triggers in pairs(by_value or {}) do
    by_value[value] = make_list(triggers, bucket.by_value and bucket.by_value[value], bucket.known)
  end
  bucket.by_value, bucket.field, bucket.dirty = by_value, field, false
end

--- The triggers to be tested with an event, in the order of registration. The list stays as it is
-- whatever is added and removed meanwhile.
---@param bucket triggers.Bucket of the event's name
---@param event table
---@return triggers.List
function M.find(bucket, event)
  if bucket.dirty then M.rebuild(bucket) end
  local by_value = bucket.by_value
  if by_value then
    local value = event[bucket.field]
    return value ~= nil and by_value[value] or bucket.list
  end
  return bucket.list
end

return M
