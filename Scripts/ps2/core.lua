--- The parts of the package, each made once: the set of triggers, the connection, Census, and what
-- is remembered for the page.

local nightjar = require "nightjar"
local census = require "census"
local clock = require "clock"
local connection = require "connection"
local duplicates = require "duplicates"
local events = require "events"
local kept = require "lib.kept"
local limits = require "limits"
local recent = require "recent"
local settings = require "settings"
local silence = require "silence"
local texts = require "lib.texts"
local triggers = require "lib.triggers"

local M = { settings = settings, now = clock.now }

local kinds = {}
for name, kind in pairs(events.kinds) do kinds[name] = kind.fields end

-- Whether the triggers have changed since the service was last told.
local is_changed = false

local function changed() M.triggers_changed() end

M.set = triggers.new {
  name = "ps2",
  now = clock.now, wait = clock.wait, notify = clock.notify,
  events = {
    within = "payload",
    envelope = { service = "event", type = "serviceMessage" },
    kinds = kinds,
    aliases = events.aliases,
    narrow = function(name)
      local id = events.experience_id(name)
      if id then return "GainExperience", "experience_id", id end
    end,
    filters = {
      {
        property = "characters", fields = { "character_id", "attacker_character_id" },
        type = "integer",
      },
      { property = "worlds", fields = { "world_id" }, type = "integer" },
    },
    doubt = events.doubt,
    -- Whether the service is asked to test characters and worlds both.
    properties = { logical = "boolean" },
  },
  on_lost = function(event, lost) M.event_lost(event, lost) end,
  on_add = changed,
  on_remove = changed,
}

local function digits(values)
  local list = {}
  for index, value in ipairs(values) do list[index] = ("%d"):format(value) end
  return list
end

--- What the triggers want of the service, in the order of their registration.
---@return ps2.Wanted[]
function M.wanted()
  local list = {}
  for index, trigger in ipairs(M.set:list()) do
    list[index] = {
      events = trigger.events, characters = digits(trigger.characters),
      worlds = digits(trigger.worlds), logical = trigger.logical,
    }
  end
  return list
end

--- The connection the service is reached by, declared by name: it survives reloads.
M.stream = require "stream"

M.connection = connection.new {
  kept = kept("connection"), silence = silence.new(kept("silence")), stream = M.stream.socket,
  now = nightjar.now, wanted = M.wanted, settings = settings,
}

M.duplicates = duplicates.new(kept("duplicates"))

-- Counts of what came, for page and metrics.
M.counts = kept("counts", {
  messages = 0, events = 0, fired = 0, skipped = 0, garbage = 0, unknown = 0, binary = 0,
})

M.recent = recent.new(kept("recent"), kept("pinned"))

-- What actions print that began before a save: their page is not the one that is asked.
local PRINTED = "ps2.printed"

nightjar.subscribe(PRINTED, function(printed)
  if type(printed) ~= "table" or type(printed.line) ~= "string" then return end
  M.recent:print(printed.line, math.tointeger(printed.at) or clock.now())
end)

--- A script has printed a line: the page shows it.
---@param line string
---@param at integer
function M.printed(line, at)
  if M.set.resumed and kept.is_stale() then
    nightjar.publish(PRINTED, { line = texts.cut(line, limits.printed_bytes), at = at })
  else
    M.recent:print(line, at)
  end
end

M.census = census.new {
  url = settings.census_url:gsub("/+$", ""), service_id = settings.service_id,
  namespace = settings.environment .. ":v2",
  per_minute = census.allowance(settings.service_id, settings.census_per_minute),
  timeout = settings.census_timeout_s, pause_ms = math.floor(settings.census_pause_s * 1000),
  fetch = nightjar.http.fetch, sleep = nightjar.sleep, wait = nightjar.event.wait,
  notify = nightjar.event.notify, now = clock.now, is_off = not settings.census,
  kept = { answers = kept("census"), budget = kept("census budget") },
}

--- Tells the service what has changed, soon. May be called as often as one likes.
function M.triggers_changed()
  is_changed = true
end

--- Tells the service what has changed, if anything has.
---@param keep? boolean keep the connection although there is no trigger any more
function M.sync(keep)
  if not is_changed and not keep then return end
  is_changed = false
  M.connection:sync(keep)
end

return M
