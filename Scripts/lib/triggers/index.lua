--- Which triggers an event concerns: found by its name, so that those for other events cost
-- nothing.

local M = {}

---@class triggers.Bucket triggers for one event name
--- in the order of registration
---@field entries {trigger: triggers.Trigger, only?: {field: string, values: table}}[]
---@field dirty boolean the lists below are to be made anew
---@field list triggers.Trigger[] those for every event of the name
---@field field? string the field that narrower names look at
--- `list` and those that are for this value, in order
---@field by_value? table<any, triggers.Trigger[]>

---@class triggers.Index
---@field buckets table<string, triggers.Bucket>

---@return triggers.Index
function M.new() return { buckets = {} } end

--- Adds a trigger behind those that are there.
---@param index triggers.Index
---@param trigger triggers.Trigger
---@return string? problem
function M.add(index, trigger)
  for name, only in pairs(trigger.by_event) do
    local bucket = index.buckets[name]
    if only ~= true and bucket and bucket.field and bucket.field ~= only.field then
      return "events: " .. name .. ": two fields narrow it"
    end
  end
  for name, only in pairs(trigger.by_event) do
    local bucket = index.buckets[name] or { entries = {}, list = {} }
    index.buckets[name] = bucket
    bucket.entries[#bucket.entries + 1] = { trigger = trigger, only = only ~= true and only or nil }
    if only ~= true then bucket.field = only.field end
    bucket.dirty = true
  end
  return nil
end

--- Takes a trigger out. Lists that somebody goes through at the moment stay as they are.
---@param index triggers.Index
---@param trigger triggers.Trigger
function M.remove(index, trigger)
  for name in pairs(trigger.by_event) do
    local bucket = index.buckets[name]
    for i, entry in ipairs(bucket.entries) do
      if entry.trigger == trigger then
        table.remove(bucket.entries, i)
        break
      end
    end
    bucket.dirty = true
    if #bucket.entries == 0 then index.buckets[name] = nil end
  end
end

local function rebuild(bucket)
  local list, by_value, field = {}, nil, nil
  for _, entry in ipairs(bucket.entries) do
    if entry.only then
      field, by_value = entry.only.field, by_value or {}
      for value in pairs(entry.only.values) do by_value[value] = by_value[value] or {} end
    end
  end
  for _, entry in ipairs(bucket.entries) do
    if entry.only then
      for value in pairs(entry.only.values) do
        by_value[value][#by_value[value] + 1] = entry.trigger
      end
    else
      list[#list + 1] = entry.trigger
      for _, values in pairs(by_value or {}) do values[#values + 1] = entry.trigger end
    end
  end
  bucket.list, bucket.by_value, bucket.field, bucket.dirty = list, by_value, field, false
end

--- The triggers to be tested with an event, in the order of registration; nil if there are none.
-- The list stays as it is whatever is added and removed meanwhile.
---@param index triggers.Index
---@param name string
---@param event table
---@return triggers.Trigger[]?
function M.find(index, name, event)
  local bucket = index.buckets[name]
  if not bucket then return nil end
  if bucket.dirty then rebuild(bucket) end
  local by_value = bucket.by_value
  if by_value then
    local value = event[bucket.field]
    return value ~= nil and by_value[value] or bucket.list
  end
  return bucket.list
end

return M
