--- What the page and the command line show: everything as plain data.

local nightjar = require "nightjar"
local core = require "core"
local downtime = require "downtime"
local events = require "events"
local scripts = require "scripts"

local M = {}

local array = nightjar.json.array

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
  local down = array {}
  for index, one in ipairs(kept.down.list) do down[index] = one end
  local notes = array {}
  for index, note in ipairs(kept.notes) do notes[index] = note end
  local asked = array {}
  for index, one in ipairs(kept.sent) do asked[index] = one.text end
  return {
    state = core.settings.offline and "offline" or status.state,
    paused = kept.is_paused or false,
    since = kept.conn and kept.opened_at or nil,
    retry_in = status.retry_in, attempts = status.attempts, error = kept.error,
    url = core.settings.ess_url, environment = core.settings.environment,
    heartbeat_ms = kept.conn and now - kept.heard_at or nil,
    subscriptions = asked, altered = kept.altered,
    echoed_ms = kept.conn and kept.echoed_at and now - kept.echoed_at or nil,
    counts = kept.counts, waiting = #kept.queue, notes = notes,
    down = { list = down, total_ms = downtime.total(kept.down, now), count = kept.down.count },
    worlds = worlds(now),
  }
end

local function with_file(report)
  for _, script in ipairs(scripts.list) do
    if report.place and report.place:find(script.file, 1, true) then report.file = script.file end
  end
  report.events, report.rejected = array(report.events), array(report.rejected)
  report.last_failed = array(report.last_failed)
  return report
end

--- All triggers with their counters.
---@return table
function M.triggers()
  local report = core.set:report()
  local list = array {}
  for index, one in ipairs(report.triggers) do list[index] = with_file(one) end
  return { list = list, actions = report.actions, lost = report.lost }
end

--- One trigger.
---@param name string
---@return table?
function M.trigger(name)
  local report = core.set:report(name)
  return report and with_file(report)
end

--- The files that are left out because they do not load.
---@return {file: string, problem: string}[]
function M.broken()
  local list = array {}
  for index, one in ipairs(scripts.broken) do
    list[index] = { file = one.file, problem = one.problem }
  end
  return list
end

--- Everything for the page.
---@param after integer events behind this number
---@return table
function M.all(after)
  local triggers = M.triggers()
  local recent, pinned, printed = array {}, array {}, array {}
  for index, one in ipairs(core.recent:since(after)) do recent[index] = one end
  for index, one in ipairs(core.recent.pinned.list) do pinned[index] = one end
  for index, one in ipairs(core.recent.kept.printed) do printed[index] = one end
  local files = array {}
  for index, script in ipairs(scripts.list) do files[index] = script.file end
  return {
    now = nightjar.now(), generation = nightjar.generation, triggers = triggers.list,
    actions = triggers.actions, lost = triggers.lost, connection = M.connection(), recent = recent,
    latest = core.recent.kept.seq, pinned = pinned, printed = printed, files = files,
    broken = M.broken(),
    counts = core.counts, duplicates = core.duplicates.kept.dropped,
    census = core.census:status(),
  }
end

return M
