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
local played, alerts
local function play_evening()
  if not played then
    stand.play(evening)
    played, alerts = stand.printed(), core.set:report("alert_board")
  end
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
  equal({ alerts.matched, alerts.errors }, { 4, 0 }, "alerts")
end

function T.an_alert_whose_name_was_missed_is_asked_for_again()
  play_evening()
  local asked, answer = 0, nil
  core.census.find = function()
    asked = asked + 1
    return answer, answer and 0 or "unavailable"
  end
  local function alert(second, state)
    stand.play(('{"at":%d,"message":{"payload":{"event_name":"MetagameEvent","experience_bonus":"0","faction_nc":"1",'
      .. '"faction_tr":"1","faction_vs":"1","instance_id":"77","metagame_event_id":"1","metagame_event_state":"%d",'
      .. '"metagame_event_state_name":"x","timestamp":"%d","world_id":"17","zone_id":"2"},"service":"event",'
      .. '"type":"serviceMessage"}}\n'):format((1788130000 + second) * 1000, state, 1788130000 + second))
    return asked
  end
  -- The board sweeps once a minute: what was left by the evening has gone by the first turn.
  alert(0, 135)
  asked = 0
  equal(alert(10, 139), 1, "with the next message")
  equal(alert(61, 139), 3, "by itself, and with the next message")
  answer = { { name = { en = "Indar Superiority" } } }
  equal(alert(62, 139), 4)
  equal(alert(200, 139), 4, "once it is known")
  core.census.find = nil
  alert(201, 138)
end

function T.names_have_their_titles()
  equal(names.of { name = { en = "NULL" } }, nil)
  equal(names.first { character_id = "7", name = { first = "NULL" } }, "7")
  equal(ps2.long_name { character_id = "7", name = { first = "Eve" }, title_id = "NULL" }, "Eve")
  equal(ps2.time_text(1769860800), "2026-01-31 12:00:00+00:00")
end

return T
