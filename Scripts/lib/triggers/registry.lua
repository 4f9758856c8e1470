--- Which triggers a set has.

local nearest = require "lib.nearest"
local nightjar = require "nightjar"
local definition = require "lib.triggers.definition"
local index = require "lib.triggers.index"
local limits = require "lib.triggers.limits"
local records = require "lib.triggers.records"
local words = require "lib.triggers.words"

local M = {}

-- What `nightjar.crypto` takes at most.
local DIGEST_BYTES = 4 << 20

-- Unknown names that are compared with all known ones: people make few slips, loops many names.
local SLIPS_MAX = 20

local function digest(text)
  return nightjar.crypto.hex(nightjar.crypto.sha256(text:sub(1, DIGEST_BYTES))):sub(1, 32)
end

-- "main.lua:12", of the caller that many levels up.
local function place_of(level)
  local _, text = pcall(error, "", level + 2)
  return (tostring(text):gsub(": ?$", ""))
end

local function label(trigger)
  return trigger.name and ('"%s"'):format(trigger.name) or "at " .. trigger.place
end

local function key_of(set, trigger)
  if trigger.name then return trigger.name end
  -- Several from one line, as in a loop, are told apart by their number.
  local count = (set.places[trigger.place] or 0) + 1
  set.places[trigger.place] = count
  return trigger.place .. "#" .. count
end

-- A name nobody declared may be one the source has learnt since; one that is nearly known is told.
local function warn_of_slips(set, trigger)
  local kinds, looked_at = set.schema.kinds, set.looked_at
  for name in pairs(trigger.by_event) do
    local meant
    if not kinds[name] and not looked_at[name] and looked_at.count < SLIPS_MAX then
      looked_at[name], looked_at.count = true, looked_at.count + 1
      meant = nearest.find(name, words.keys(kinds))
    end
    if meant then
      set:warn("a trigger is for an event that nobody knows", {
        trigger = trigger.key, event = name, meant = meant,
      })
    end
  end
end

--- Registers a trigger; an error has the line of who is `level` calls above.
---@param set triggers.Set
---@param given table
---@param level integer
---@param prepare? fun(trigger: triggers.Trigger) called before it is registered
---@return triggers.Trigger
function M.add(set, given, level, prepare)
  if #set.order >= limits.triggers then
    error(("%d triggers in set %s; at most %d"):format(#set.order, set.name, limits.triggers),
      level + 1)
  end
  local trigger, problem = definition.read(given, set.schema, digest)
  if not trigger then
    local name = type(given) == "table" and type(given.name) == "string"
      and (' "%s"'):format(given.name) or ""
    error("trigger" .. name .. ": " .. problem, level + 1)
  end
  if trigger.name and set.by_name[trigger.name] then
    error(('The trigger "%s" already exists'):format(trigger.name), level + 1)
  end
  trigger.place = place_of(level + 1)
  trigger.key = key_of(set, trigger)
  if prepare then prepare(trigger) end
  problem = index.add(set.buckets, trigger, set.schema.kinds)
  if problem then error("trigger " .. label(trigger) .. ": " .. problem, level + 1) end
  trigger.registered = true
  set.order[#set.order + 1] = trigger
  set.by_key[trigger.key] = trigger
  if trigger.name then set.by_name[trigger.name] = trigger end
  records.attach(set.store, trigger, set.host.now())
  -- One that has fired and is added again is meant to fire again.
  trigger.record.done = nil
  -- What handlers add ends with its generation: nobody will ask for it after a reload.
  trigger.passing = set.resumed or not set.host.state
  warn_of_slips(set, trigger)
  if set.on_add then set.on_add(trigger) end
  return trigger
end

--- Takes a trigger out of what is tested; its action that waits still finds it.
---@param set triggers.Set
---@param trigger triggers.Trigger
function M.take_out(set, trigger)
  trigger.registered = false
  index.remove(set.buckets, trigger)
  for i, other in ipairs(set.order) do
    if other == trigger then
      table.remove(set.order, i)
      break
    end
  end
  if trigger.name then set.by_name[trigger.name] = nil end
  if set.on_remove then set.on_remove(trigger) end
end

--- Takes a trigger out, with its counters.
---@param set triggers.Set
---@param trigger triggers.Trigger
function M.remove(set, trigger)
  if trigger.registered then M.take_out(set, trigger) end
  set.by_key[trigger.key] = nil
  records.forget(set.store, trigger)
end

return M
