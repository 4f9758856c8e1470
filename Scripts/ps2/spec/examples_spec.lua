-- The shipped examples over the shipped recording: what they print, to the letter.

local nightjar = require "nightjar"
local core = require "core"
local equal = require("lib.testing").equal
local scripts = require "scripts"
local stand = require "spec.kit.stand"

local evening = nightjar.data("recordings/evening.jsonl")
for _, name in ipairs { "rank_up", "mutual_death", "alert_board" } do scripts.run("examples", name) end
local names = require "names"
local ps2 = require "ps2"

local T = {}

-- Played once: what comes twice is no news to the examples either.
local played
local function play_evening()
  if not played then stand.play(evening) end
  played = played or stand.printed()
  return played
end

function T.the_examples_print_what_they_should()
  equal(play_evening(), {
    "Night Owl Ada has reached BR 34!",
    "Ben has reached BR 100!",
    "Skipping anonymous player",
    "2026-08-30 20:00:23+00:00: [Emerald] - Mutual death between Ada and Ben",
    "2026-08-30 20:00:45+00:00: [Emerald] - Mutual death between Cleo and Ben",
    "2026-08-30 20:01:11+00:00: [Emerald] - Mutual death between 5428010618020694593 and Ada",
  }, "printed")
end

function T.a_third_death_finds_nothing_and_later_ones_count_anew()
  play_evening()
  local before = #stand.printed()
  local function death(second, killer, victim)
    return ('{"at":%d,"message":{"payload":{"attacker_character_id":"%d","attacker_fire_mode_id":"1",'
      .. '"attacker_loadout_id":"1","attacker_vehicle_id":"0","attacker_weapon_id":"1","character_id":"%d",'
      .. '"character_loadout_id":"1","event_name":"Death","is_headshot":"0","timestamp":"%d","world_id":"17",'
      .. '"zone_id":"8"},"service":"event","type":"serviceMessage"}}\n')
      :format((1788121000 + second) * 1000, killer, victim, 1788121000 + second)
  end
  local ada, ben = 5428010618015189713, 5429026007696236657
  stand.play(death(0, ada, ben) .. death(1, ben, ada) .. death(2, ada, ben))
  equal(#stand.printed() - before, 1, "mutual deaths")
  -- The third one is stored: it may be answered in its turn.
  stand.play(death(6, ben, ada))
  equal(#stand.printed() - before, 2, "mutual deaths")
end

function T.five_seconds_are_mutual_and_six_are_not()
  play_evening()
  local before = #stand.printed()
  local function death(at, killer, victim)
    return ('{"at":%d,"message":{"payload":{"attacker_character_id":"%d","attacker_fire_mode_id":"1",'
      .. '"attacker_loadout_id":"1","attacker_vehicle_id":"0","attacker_weapon_id":"1","character_id":"%d",'
      .. '"character_loadout_id":"1","event_name":"Death","is_headshot":"0","timestamp":"%d","world_id":"17",'
      .. '"zone_id":"8"},"service":"event","type":"serviceMessage"}}\n'):format(at * 1000, killer, victim, at)
  end
  local ada, ben = 5428010618015189713, 5429026007696236657
  stand.play(death(1788122000, ada, ben) .. death(1788122006, ben, ada))
  equal(#stand.printed() - before, 0, "mutual deaths after six seconds")
  stand.play(death(1788122011, ada, ben))
  equal(#stand.printed() - before, 1, "mutual deaths after five seconds")
end

function T.the_alert_board_has_the_alerts_that_run()
  play_evening()
  local report = core.set:report("alert_board")
  equal({ report.matched, report.errors }, { 4, 0 }, "alerts")
end

function T.names_have_their_titles()
  equal(names.of { name = { en = "NULL" } }, nil)
  equal(names.first { character_id = "7", name = { first = "NULL" } }, "7")
  equal(ps2.long_name { character_id = "7", name = { first = "Eve" }, title_id = "NULL" }, "Eve")
  equal(ps2.time_text(1769860800), "2026-01-31 12:00:00+00:00")
end

return T
