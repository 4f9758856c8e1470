--- Which triggers a set has.

local nearest = require "lib.nearest"
local nightjar = require "nightjar"
local raise = require "lib.raise"
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

-- The name that was meant by one that nobody declared; nil if it may well be a new one of the
-- source.
local function meant_by(set, name)
  local looked_at = set.looked_at
  local meant = looked_at.names[name]
  if meant == nil then
    if looked_at.count >= SLIPS_MAX then return nil end
    meant = nearest.find(name, words.keys(set.schema.kinds)) or false
    looked_at.names[name], looked_at.count = meant, looked_at.count + 1
  end
  return meant or nil
end

local function note_slips(set, trigger)
  for _, name in ipairs(words.keys(trigger.by_event)) do
    local schema = set.schema
    local doubt = not schema.kinds[name] and schema.doubt and schema.doubt(name) or nil
    local meant = not schema.kinds[name] and not doubt and meant_by(set, name) or nil
    if doubt or meant then
      set.slips[#set.slips + 1] = {
        trigger = trigger.key, event = name, meant = meant, problem = doubt, at = trigger.place,
      }
    end
  end
end

--- Tells of names of events that are probably misspelt. Files are loaded more than once before they
-- run, so what is found there waits for `resume`, or for the first second.
---@param set triggers.Set
function M.tell_slips(set)
  local slips = set.slips
  if #slips == 0 then return end
  set.slips = {}
  for _, slip in ipairs(slips) do
    set:warn("a trigger is for an event that nobody knows", slip)
  end
end

--- Registers a trigger; an error has the line of who is `level` calls above.
---@param set triggers.Set
---@param given table a definition; or a trigger, which is registered itself
---@param level integer
---@param on_fire? fun(event: table) a trigger of its own that calls this in place of the action
---@return triggers.Trigger
function M.add(set, given, level, on_fire)
  if #set.order >= limits.triggers then
    error(("%d triggers in set %s; at most %d"):format(#set.order, set.name, limits.triggers),
      level + 1)
  end
  local version = set.version and set.version()
  local trigger, problem = definition.read(given, set.schema, digest, version)
  if not trigger then
    local name = type(given) == "table" and type(given.name) == "string"
      and (' "%s"'):format(given.name) or ""
    error("trigger" .. name .. ": " .. problem, level + 1)
  end
  if set.tests + #trigger.tests > limits.all_tests then
    error(("%d tests in the %d triggers of set %s; at most %d"):format(set.tests + #trigger.tests,
      #set.order + 1, set.name, limits.all_tests), level + 1)
  end
  if trigger.name and set.by_name[trigger.name] then
    error(('The trigger "%s" already exists, from %s'):format(trigger.name,
      set.by_name[trigger.name].place), level + 1)
  end
  if not on_fire and definition.is_trigger(given) then
    if given.registered then
      error("trigger at " .. given.place .. ": it is registered already", level + 1)
    end
    trigger = definition.renew(given, trigger)
  end
  trigger.on_fire = on_fire
  trigger.place = raise.place(level + 1)
  trigger.key = key_of(set, trigger)
  problem = index.add(set.buckets, trigger, set.schema.kinds)
  if problem then error("trigger " .. label(trigger) .. ": " .. problem, level + 1) end
  trigger.registered = true
  set.order[#set.order + 1] = trigger
  set.tests = set.tests + #trigger.tests
  set.by_key[trigger.key] = trigger
  if trigger.name then set.by_name[trigger.name] = trigger end
  -- One that was taken out and is added again begins anew; one that has fired is to fire again.
  if records.is_removed(set.store, trigger.key) then records.forget(set.store, trigger) end
  records.attach(set.store, trigger, set.host.now())
  trigger.record.done = nil
  -- What handlers add ends with its generation: nobody will ask for it after a reload.
  trigger.passing = set.resumed or not set.host.state
  trigger.record.passing = trigger.passing and (on_fire and "wait" or "added") or nil
  note_slips(set, trigger)
  if set.resumed then M.tell_slips(set) end
  if set.on_add then set.on_add(trigger) end
  return trigger
end

--- Takes a trigger out of what is tested; its action that waits still finds it.
---@param set triggers.Set
---@param trigger triggers.Trigger
function M.take_out(set, trigger)
  trigger.registered = false
  set.tests = set.tests - #trigger.tests
  index.remove(set.buckets, trigger)
  -- From the end: a file that does not load takes its triggers back.
  for i = #set.order, 1, -1 do
    if set.order[i] == trigger then
      table.remove(set.order, i)
      break
    end
  end
  -- By its key: a script may have written another name into the trigger.
  if set.by_name[trigger.key] == trigger then set.by_name[trigger.key] = nil end
  if set.on_remove then set.on_remove(trigger) end
end

--- Takes a trigger out, with its counters. Of one that its file adds again with every load a mark
-- stays, so that it is away until it says something else.
---@param set triggers.Set
---@param trigger triggers.Trigger
function M.remove(set, trigger)
  if trigger.registered then M.take_out(set, trigger) end
  set.by_key[trigger.key] = nil
  records.forget(set.store, trigger)
  if not trigger.passing and set.resumed then records.note_removed(set.store, trigger) end
end

return M
