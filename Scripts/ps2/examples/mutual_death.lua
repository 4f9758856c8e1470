--- Tells when two players have killed each other within five seconds.

local nightjar = require "nightjar"
local names = require "names"
local ps2 = require "ps2"

local WINDOW = 5 -- seconds

-- Killer → whom and when. It survives reloads: save this file, and a fight that is going on counts.
local kills = ps2.state()

local function drop_old(now)
  for killer, kill in pairs(kills) do
    if now - kill.time > WINDOW then kills[killer] = nil end
  end
end

-- The name of one of them; the id, if Census knows only the other.
local function name_in(rows, id)
  local row = rows[tostring(id)]
  return row and names.first(row) or tostring(id)
end

ps2.trigger {
  name = "mutual_death",
  events = { "Death" },
  action = function(event)
    local killer, victim = event.attacker_character_id, event.character_id
    -- Falling, or by one's own hand.
    if killer == 0 or killer == victim then return end
    drop_old(event.timestamp)
    local before = kills[victim]
    if not before or before.victim ~= killer then
      kills[killer] = { victim = victim, time = event.timestamp }
      return
    end
    -- Before anything that waits: a third death must not find it again.
    kills[victim] = nil
    local rows, code, detail = ps2.characters { victim, killer }
    if not rows then
      nightjar.log.warn("characters could not be looked up", { code = code, detail = detail })
      return
    end
    if next(rows) == nil then return end
    local server = ps2.server_of(victim) or ps2.world_name(event.world_id)
    ps2.print(("%s: [%s] - Mutual death between %s and %s"):format(
      ps2.time_text(event.timestamp), server, name_in(rows, victim), name_in(rows, killer)))
  end,
}
