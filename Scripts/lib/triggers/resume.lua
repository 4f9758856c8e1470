--- From one generation to the next.

local actions = require "lib.triggers.actions"
local breaker = require "lib.triggers.breaker"
local records = require "lib.triggers.records"
local registry = require "lib.triggers.registry"
local words = require "lib.triggers.words"

local M = {}

---@class (exact) triggers.Difference
---@field added triggers.Trigger[] new, or changed
---@field kept triggers.Trigger[] with their counters
--- of the former generation: gone, or what they were before a change
---@field removed {key: string, name?: string, events: string[], filters: table<string, any[]>}[]
---@field ended {key: string, name?: string}[] those of them that a handler had added

--- Takes over what the former generation counted and kept, and says what is different. For the
-- package's `M.on_reload`, which runs before the first generation as well.
---@param set triggers.Set
---@return triggers.Difference
function M.resume(set)
  local state, name = set.host.state, set.name
  local difference = { added = {}, kept = {}, removed = {}, ended = {} }
  local store = records.new()
  if state then
    store.records = state.get(name .. ".records") or store.records
    store.traces = state.get(name .. ".traces") or store.traces
    set.actions.line = state.get(name .. ".waiting") or set.actions.line
  end
  local before = {}
  for key, record in pairs(store.records) do before[key] = record end
  set.store = store
  local finished, now = {}, set.host.now()
  for _, trigger in ipairs(set.order) do
    local old = before[trigger.key]
    if records.attach(store, trigger, now, not set.resumed) then
      before[trigger.key] = nil
      local record = trigger.record
      record.passing = nil
      if record.done or record.removed then finished[#finished + 1] = trigger end
      if not record.removed then difference.kept[#difference.kept + 1] = trigger end
    else
      difference.added[#difference.added + 1] = trigger
      before[trigger.key] = old
    end
  end
  for _, key in ipairs(words.keys(before)) do
    local record = before[key]
    -- Who waits is told so by itself, and of what was taken out nobody asks.
    if record.passing ~= "wait" and not record.removed then
      local gone = { key = key, name = record.name, events = record.events,
        filters = record.filters }
      difference.removed[#difference.removed + 1] = gone
      if record.passing then difference.ended[#difference.ended + 1] = gone end
    end
    if not set.by_key[key] then store.records[key], store.traces[key] = nil, nil end
  end
  -- What was compiled counts in the cells of before.
  for _, bucket in pairs(set.buckets) do bucket.dirty = true end
  set.resumed = true
  breaker.resume(set)
  for _, trigger in ipairs(finished) do
    local is_removed = trigger.record.removed
    if is_removed then registry.remove(set, trigger) else registry.take_out(set, trigger) end
  end
  if state then
    state.set(name .. ".records", store.records)
    state.set(name .. ".traces", store.traces)
    state.set(name .. ".waiting", set.actions.line)
  end
  registry.tell_slips(set)
  actions.pump(set.actions)
  return difference
end

return M
