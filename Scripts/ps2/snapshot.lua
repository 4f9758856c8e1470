--- What the page and the command line show: everything as plain data.

local nightjar = require "nightjar"
local core = require "core"
local downtime = require "downtime"
local events = require "events"
local limits = require "limits"
local scripts = require "scripts"
local texts = require "lib.texts"

local M = {}

local array = nightjar.json.array

local function shown(name) return name and texts.cut(tostring(name), limits.page_name_bytes) end

-- The beginning of a list, as far as there is room for it. What JSON cannot hold is left out.
local function fitting(values, bytes)
  local list = array {}
  for _, one in ipairs(values) do
    local is_plain, text = pcall(nightjar.json.encode, one)
    if is_plain and text then
      bytes = bytes - #text - 1
      if bytes < 0 then break end
      list[#list + 1] = one
    end
  end
  return list
end

local function reversed(values)
  local list = array {}
  for index = #values, 1, -1 do list[#list + 1] = values[index] end
  return list
end

-- The end of a list, as far as there is room for it.
local function latest(values, bytes) return reversed(fitting(reversed(values), bytes)) end

local function world_name(id) return events.worlds[id] or tostring(id) end

-- Seconds since each world sent each kind of event, with what is stale.
local function worlds(now)
  local kept, silence = core.connection.kept, core.connection.silence.kept
  local by_name, list = {}, array {}
  local function entry(name, id)
    local found = by_name[name:lower()]
    if not found then
      found = { name = name, id = id, events = array {} }
      by_name[name:lower()] = found
      list[#list + 1] = found
    end
    return found
  end
  for name, world in pairs(kept.endpoints) do
    local one = entry(world.id and events.worlds[world.id] or name, world.id)
    one.online = world.online
  end
  for id, of_world in pairs(silence.last or {}) do
    local one = entry(world_name(id), id)
    for event, at in pairs(of_world) do
      one.events[#one.events + 1] = { name = event, ago_ms = math.max(0, now - at) }
    end
    table.sort(one.events, function(a, b) return a.name < b.name end)
  end
  for _, stale in pairs(silence.stale or {}) do
    local one = entry(world_name(stale.world), stale.world)
    one.stale = one.stale or array {}
    one.stale[#one.stale + 1] = {
      event = stale.event, silent_ms = now - stale.since, tries = stale.tries,
    }
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

--- The connection, in plain data.
---@return table
function M.connection()
  local kept, now = core.connection.kept, nightjar.now()
  local status = core.stream.socket:status()
  local asked = {}
  for index, one in ipairs(kept.sent) do asked[index] = shown(one.text) end
  local altered = kept.altered
  return {
    state = core.settings.offline and "offline" or status.state,
    paused = kept.is_paused or false,
    since = kept.conn and kept.opened_at or nil,
    retry_in = status.retry_in, attempts = status.attempts, error = kept.error,
    url = core.settings.ess_url, environment = core.settings.environment,
    heartbeat_ms = kept.conn and now - kept.heard_at or nil,
    subscriptions = fitting(asked, limits.page_part_bytes), subscribed = #asked,
    altered = altered and { words = shown(altered.words), since = altered.since },
    echoed_ms = kept.conn and kept.echoed_at and now - kept.echoed_at or nil,
    counts = kept.counts, waiting = #kept.queue, notes = latest(kept.notes, limits.page_part_bytes),
    down = {
      list = latest(kept.down.list, limits.page_part_bytes), count = kept.down.count,
      total_ms = downtime.total(kept.down, now),
    },
    worlds = fitting(worlds(now), limits.page_part_bytes),
  }
end

-- The file of a place; places are as many as definitions.
local file_of = {}

local function file_at(place)
  if not place then return nil end
  if file_of[place] == nil then
    file_of[place] = false
    for _, script in ipairs(scripts.list) do
      if place:find(script.file, 1, true) then file_of[place] = script.file end
    end
  end
  return file_of[place] or nil
end

-- What a trigger is called on the page.
local function label(trigger) return shown(trigger.name or trigger.key) end

-- A trigger with its counters. What is kept of events has the page of one trigger.
local function row(trigger)
  local report = core.set:report(trigger.key)
  local names, rejected = array {}, array {}
  for index = 1, math.min(#report.events, limits.page_names) do
    names[index] = shown(report.events[index])
  end
  for _, one in ipairs(report.rejected) do
    if one.count > 0 then
      rejected[#rejected + 1] = { test = shown(one.test), count = one.count }
    end
  end
  return {
    name = shown(report.name), key = shown(report.key), file = shown(file_at(report.place)),
    events = names, more_events = #report.events - #names, rejected = rejected,
    single_shot = report.single_shot, seen = report.seen, matched = report.matched,
    raised = report.raised, overran = report.overran, started = report.started,
    finished = report.finished, errors = report.errors, refused = report.refused,
    cut_off = report.cut_off, last_fired_at = report.last_fired and report.last_fired.at,
  }
end

--- A page of the table of triggers.
---@param from integer how many are left out before
---@param find? string part of a name or file; the others are left out
---@return table[] rows
---@return integer count triggers that were looked for
---@return integer from less if there are not as many any more
function M.rows(from, find)
  local wanted, found = find and find ~= "" and find:lower(), {}
  for _, trigger in ipairs(core.set:list()) do
    local file = wanted and file_at(trigger.place)
    if not wanted or label(trigger):lower():find(wanted, 1, true)
      or file and file:lower():find(wanted, 1, true) then
      found[#found + 1] = trigger
    end
  end
  local rows = {}
  from = math.max(0, from)
  if from >= #found then
    from = math.max(0, (#found - 1) // limits.page_triggers * limits.page_triggers)
  end
  for index = from + 1, math.min(#found, from + limits.page_triggers) do
    rows[#rows + 1] = row(found[index])
  end
  return fitting(rows, limits.page_triggers_bytes), #found, from
end

--- The trigger that the page calls so.
---@param name string
---@return triggers.Trigger?
function M.find(name)
  for _, trigger in ipairs(core.set:list()) do
    if label(trigger) == name then return trigger end
  end
  return nil
end

--- One trigger with what is kept of events.
---@param name string
---@return table?
function M.trigger(name)
  local trigger = M.find(name)
  if not trigger then return nil end
  local report, one = core.set:report(trigger.key), row(trigger)
  one.place, one.since = shown(report.place), report.since
  one.longest_ms, one.condition_us = report.longest_ms, report.condition_us
  one.last_fired, one.unasked = report.last_fired, report.unasked
  for _, failed in ipairs(report.last_failed) do failed.test = shown(failed.test) end
  one.last_failed = fitting(report.last_failed, limits.page_trigger_bytes)
  return one
end

--- What came out for an event that was tried: triggers that fire first, as many as the page shows.
---@param explained triggers.Explanation[]
---@return table
function M.tried(explained)
  local first, others = {}, {}
  for _, one in ipairs(explained) do
    local list = one.fires and first or others
    if #list < limits.page_tried then
      list[#list + 1] = {
        trigger = shown(one.trigger), fires = one.fires, words = one.words,
        failed_at = shown(one.failed_at), tests = array(one.tests),
      }
    end
  end
  local firing = 0
  for _, one in ipairs(explained) do firing = firing + (one.fires and 1 or 0) end
  table.move(others, 1, #others, #first + 1, first)
  for index = #first, limits.page_tried + 1, -1 do first[index] = nil end
  return {
    results = fitting(first, limits.page_tried_bytes), count = #explained, firing = firing,
    generation = nightjar.generation,
  }
end

--- The files that are left out because they do not load.
---@return {file: string, problem: string, is_misnamed: boolean}[]
function M.broken()
  local list = {}
  for index, one in ipairs(scripts.broken) do
    list[index] = {
      file = shown(one.file), problem = texts.valid(one.problem),
      is_misnamed = one.is_misnamed or false,
    }
  end
  return fitting(list, limits.page_part_bytes)
end

---@class (exact) ps2.Question what the page asks for
---@field after? integer events behind this number
---@field from? integer triggers that are left out before
---@field find? string part of the names or files of triggers
---@field trigger? string whose kept events are wanted

--- Everything for the page.
---@param question ps2.Question
---@return table
function M.all(question)
  local rows, count, from = M.rows(question.from or 0, question.find)
  local report, connection = core.set:counts(), M.connection()
  local pinned = array {}
  for index, one in ipairs(core.recent.pinned.list) do pinned[index] = one end
  return {
    now = nightjar.now(), generation = nightjar.generation,
    triggers = rows, triggers_from = from, triggers_found = count, triggers_all = report.triggers,
    trigger = question.trigger and M.trigger(question.trigger),
    actions = report.actions, lost = report.lost, connection = connection,
    recent = array(core.recent:since(question.after or 0)), latest = core.recent.kept.seq,
    pinned = pinned, printed = latest(core.recent.kept.printed, limits.page_part_bytes),
    broken = M.broken(), counts = core.counts, duplicates = core.duplicates.kept.dropped,
    census = core.census:status(),
  }
end

return M
