--- How long worlds have been silent. The service forgets a world now and then: everything
-- looks alive, and nothing comes. A world that its heartbeat calls online and that sends no Death
-- for half a minute is stale, and is subscribed anew.

local limits = require "limits"

local M = {}

-- A world may really be empty. So the next attempts come later and later, milliseconds.
M.LONGEST_MS = 3600000

---@class ps2.Silence
---@field last table<string, table<string, integer>> world id → event name → when the last came
---@field stale table<string, {world: string, event: string, since: integer, again: integer,
--- tries: integer}> by world and event name
---@field worlds integer
local Silence = {}
Silence.__index = Silence

---@param kept table survives reloads
---@return ps2.Silence
function M.new(kept)
  return setmetatable({ kept = kept }, Silence)
end

function Silence:tables()
  local kept = self.kept
  kept.last = kept.last or {}
  kept.stale = kept.stale or {}
  kept.worlds = kept.worlds or 0
  return kept.last, kept.stale
end

--- An event came. On the way of every event: as little as possible.
---@param world string|integer
---@param name string
---@param now integer milliseconds
function Silence:heard(world, name, now)
  local kept = self.kept
  local of_world = kept.last and kept.last[world]
  if not of_world then
    self:tables()
    if kept.worlds >= limits.worlds then return end
    kept.worlds = kept.worlds + 1
    of_world = {}
    kept.last[world] = of_world
  end
  if not of_world[name] then
    if #tostring(name) > limits.name_bytes then return end
    local count = 0
    for _ in pairs(of_world) do count = count + 1 end
    if count >= limits.event_names then return end
  end
  of_world[name] = now
end

--- Worlds and events that ought to be heard: online, and wanted for all characters.
---@param sent {wanted: ps2.Wanted}[] what was asked for
---@param endpoints table<string, ps2.WorldState> as the heartbeat has them
---@param patience table<string, number> seconds, by event name; others are not watched
---@return {world: integer, event: string, after_ms: integer, since: integer}[]
function M.watched(sent, endpoints, patience)
  local result, worlds_of = {}, {}
  for _, one in ipairs(sent) do
    local wanted = one.wanted
    if #wanted.characters == 0 then
      for _, event in ipairs(wanted.events) do
        if patience[event] then
          local set = worlds_of[event] or {}
          worlds_of[event] = set
          if #wanted.worlds == 0 then set.all = true end
          for _, world in ipairs(wanted.worlds) do set[world] = true end
        end
      end
    end
  end
  for event, worlds in pairs(worlds_of) do
    local after = math.floor(patience[event] * 1000)
    for _, world in pairs(endpoints) do
      if world.online and world.id and (worlds.all or worlds[tostring(world.id)]) then
        result[#result + 1] = {
          world = world.id, event = event, after_ms = after, since = world.since,
        }
      end
    end
  end
  return result
end

local function key_of(world, name) return world .. " " .. name end

--- Looks for worlds that have become stale, and for those that may be subscribed again.
---@param watched {world: integer, event: string, after_ms: integer, since?: integer}[] what ought
--- to be heard, and since when the world is online
---@param since integer nothing can have come before; milliseconds
---@param now integer
---@return {world: integer, event: string, silent_ms: integer, is_new: boolean}[] due
---@return {world: integer, event: string, silent_ms: integer}[] recovered
function Silence:look(watched, since, now)
  local last, stale = self:tables()
  local due, recovered, seen = {}, {}, {}
  for _, one in ipairs(watched) do
    local key = key_of(one.world, one.event)
    seen[key] = true
    local came = last[one.world] and last[one.world][one.event]
    local quiet = now - math.max(came or 0, since, one.since or 0)
    local entry = stale[key]
    if entry and came and came > entry.since then
      recovered[#recovered + 1] = {
        world = one.world, event = one.event, silent_ms = came - entry.since,
      }
      stale[key] = nil
    elseif not entry and quiet >= one.after_ms then
      stale[key] = {
        world = one.world, event = one.event, since = now - quiet, tries = 1,
        again = now + one.after_ms,
      }
      due[#due + 1] = {
        world = one.world, event = one.event, silent_ms = quiet, is_new = true,
      }
    elseif entry and now >= entry.again then
      entry.tries = entry.tries + 1
      local pause = math.min(M.LONGEST_MS, one.after_ms << math.min(20, entry.tries - 1))
      entry.again = now + pause
      due[#due + 1] = {
        world = one.world, event = one.event, silent_ms = now - entry.since, is_new = false,
      }
    end
  end
  -- Nobody waits for these any more, or the world went offline.
  for key in pairs(stale) do if not seen[key] then stale[key] = nil end end
  return due, recovered
end

--- A new connection: what was silent before says nothing now.
function Silence:reset()
  self:tables()
  self.kept.stale = {}
end

return M
