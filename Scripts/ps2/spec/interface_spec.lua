-- What a trigger file sees, in both spellings.

local core = require "core"
local equal = require("lib.testing").equal
local events = require "events"
local ps2 = require "ps2"
local stand = require "spec.kit.stand"

local T = {}

local function death(changes)
  local payload = {
    attacker_character_id = "5429026007696236657", attacker_fire_mode_id = "24103", attacker_loadout_id = "1",
    attacker_vehicle_id = "0", attacker_weapon_id = "24003", character_id = "5429152843598287233",
    character_loadout_id = "32", event_name = "Death", is_critical = "0", is_headshot = "0", team_id = "1",
    timestamp = "1681105322", world_id = "1", zone_id = "8",
  }
  for key, value in pairs(changes or {}) do payload[key] = value end
  return require("nightjar").json.encode { payload = payload, service = "event", type = "serviceMessage" }
end

local function refused(text, fn, ...)
  local ok, problem = pcall(fn, ...)
  assert(not ok and tostring(problem):find(text, 1, true), tostring(problem))
  return tostring(problem)
end

function T.events_have_types_and_the_raw_strings_beside_them()
  local seen
  local trigger = ps2.trigger { events = { "Death" }, action = function(event) seen = event end }
  require("intake").take(death())
  stand.run()
  equal(seen.attacker_character_id, 5429026007696236657)
  equal({ seen.is_headshot, seen.world_id, seen.timestamp, seen.vehicle_id }, { false, 1, 1681105322, nil })
  equal({ seen.payload.attacker_character_id, seen.payload.is_headshot }, { "5429026007696236657", "0" })
  ps2.remove_trigger(trigger)
end

function T.the_older_spelling_does_the_same()
  local names = {}
  local trigger = ps2.EventTrigger(ps2.EventType.DEATH, { name = "older", worlds = { 1 } })
  trigger.conditions = { function(event) return event.payload.attacker_character_id == "5429026007696236657" end }
  trigger:action(function(event) names[#names + 1] = event.event_name end)
  ps2.add_trigger(trigger)
  require("intake").take(death { timestamp = "1681105399" })
  stand.run()
  equal(names, { "Death" })
  refused('The trigger "older" already exists', ps2.add_trigger, trigger)
  ps2.remove_trigger(trigger)
  equal(ps2.get_trigger("older"), nil)
  local later = ps2.Trigger("BattleRankUp")
  later:callback(function() end)
  assert(ps2.add_trigger(later).action)
  ps2.remove_trigger(ps2.triggers()[1])
end

function T.every_constant_is_a_name_of_the_service()
  equal(ps2.EventType.BATTLE_RANK_UP, "BattleRankUp")
  equal(ps2.EventType.PLAYER_FACILITY_CAPTURE, "PlayerFacilityCapture")
  equal(ps2.EventType.ACHIEVEMENT_ADDED, "AchievementEarned")
  for _, name in ipairs {
    "ACHIEVEMENT_ADDED", "BATTLE_RANK_UP", "CONTINENT_LOCK", "DEATH", "FACILITY_CONTROL", "GAIN_EXPERIENCE",
    "ITEM_ADDED", "METAGAME_EVENT", "PLAYER_FACILITY_CAPTURE", "PLAYER_FACILITY_DEFEND", "PLAYER_LOGIN",
    "PLAYER_LOGOUT",
    "SKILL_ADDED", "VEHICLE_DESTROY",
  } do assert(events.kinds[ps2.EventType[name]], name) end
  refused("there is no EventType.DEATHS; did you mean DEATH?", function() return ps2.EventType.DEATHS end)
end

function T.an_alias_is_subscribed_as_what_the_service_knows()
  local trigger = ps2.trigger { events = { "AchievementAdded" }, action = print }
  equal(core.wanted()[1].events, { "AchievementEarned" })
  ps2.remove_trigger(trigger)
end

function T.one_kind_of_experience()
  equal(ps2.filter_experience(7), "GainExperience_experience_id_7")
  equal(ps2.GainExperience.filter_experience("7"), "GainExperience_experience_id_7")
  equal(ps2.EventType.filter_experience(7), "GainExperience_experience_id_7")
  refused("a whole number from 0 expected", ps2.filter_experience, "x")
  local got = {}
  local trigger = ps2.trigger {
    events = { ps2.filter_experience(7) }, action = function(event) got[#got + 1] = event.experience_id end,
  }
  for _, id in ipairs { 7, 8 } do
    require("intake").take(('{"payload":{"amount":"75","character_id":"1","event_name":"GainExperience",'
      .. '"experience_id":"%d","loadout_id":"4","other_id":"2","timestamp":"1","world_id":"1","zone_id":"8"},'
      .. '"service":"event","type":"serviceMessage"}'):format(id))
  end
  stand.run()
  equal(got, { 7 })
  equal(core.wanted()[1].events, { "GainExperience_experience_id_7" })
  ps2.remove_trigger(trigger)
end

function T.rows_of_census_and_what_it_does_not_know()
  core.census:remember("character character_id 9", false)
  core.census:remember("world world_id 17", { world_id = "17", name = { en = "Emerald" } })
  core.census:remember("characters_world character_id 7", { character_id = "7", world_id = "13" })
  core.census:remember("character character_id 7", { character_id = "7", name = { first = "Kim" } })
  core.census:remember("title title_id 3", { title_id = "3", name = { en = "Dr." } })
  equal({ ps2.character(9) }, { nil, "not_found", "character 9" })
  equal({ ps2.character("8") }, { nil, "off", "Census is not asked (setting census)" })
  equal({ ps2.world(17).name.en, ps2.title("3").name.en, (ps2.server_of(7)) }, { "Emerald", "Dr.", "Cobalt" })
  local rows = ps2.characters { 7, 9 }
  equal({ rows["7"].name.first, rows["9"] }, { "Kim", nil })
  equal(select(2, ps2.find("outfit", { alias_lower = "dre" })), "off")
  equal({ ps2.world_name(17), ps2.world_name("40"), ps2.world_name(99) }, { "Emerald", "SolTech", "99" })
  equal({ ps2.zones[8], ps2.factions[2] }, { "Esamir", "NC" })
end

function T.a_recording_is_played_at_its_time()
  local seen = {}
  local trigger = ps2.trigger { events = { "Death" }, action = function() seen[#seen + 1] = ps2.now() end }
  stand.play(('{"at":1788120010123,"message":%s}\n%s'):format(death { timestamp = "1681105401" },
    death { timestamp = "1681105402" }))
  equal(seen, { 1788120010123, 1681105402000 })
  ps2.remove_trigger(trigger)
end

function T.what_is_printed_is_on_the_page()
  ps2.print("a line")
  local printed = stand.printed()
  equal(printed[#printed], "a line")
end

function T.a_trigger_explains_and_reports_itself()
  local trigger = ps2.trigger { name = "t", events = { "Death" }, worlds = { 17 }, action = print }
  equal(ps2.explain("t", death()).words,
    "does not fire: world_id is 1; that is none of the trigger's worlds (17)")
  require("intake").take(death { timestamp = "1681105403" })
  equal({ ps2.report("t").seen, #ps2.report().triggers }, { 1, 1 })
  ps2.remove_trigger(trigger)
end

function T.an_event_is_tested_for_characters_and_worlds()
  local trigger = ps2.trigger { name = "t", events = { "Death" }, worlds = { 1 }, characters = { 5 }, action = print }
  equal(ps2.explain("t", death()).failed_at, "characters")
  equal(ps2.explain("t", death { character_id = "5", world_id = "17" }).failed_at, "worlds")
  assert(ps2.explain("t", death { attacker_character_id = "5" }).fires)
  ps2.remove_trigger(trigger)
end

function T.what_is_not_there_is_an_error_with_the_callers_line()
  local problem = refused('No trigger with name "nobody"', ps2.remove_trigger, "nobody")
  assert(not problem:find("ps2.lua", 1, true), problem)
  problem = refused('a trigger has no "actoin"; did you mean "action"?', function()
    ps2.trigger { events = { "Death" }, actoin = print }
  end)
  assert(problem:find("interface_spec.lua", 1, true), problem)
  refused("logical: true or false expected", ps2.trigger, { events = { "Death" }, logical = "yes" })
  refused("say it at the top of the file", ps2.state)
end

function T.a_missing_zone_of_an_alert_is_minus_one()
  local event = core.set:read('{"payload":{"event_name":"MetagameEvent","experience_bonus":"25.0",'
    .. '"faction_nc":"1.5","faction_tr":"1","faction_vs":"1",'
    .. '"instance_id":"1","metagame_event_id":"1","metagame_event_state":"135",'
    .. '"metagame_event_state_name":"started","timestamp":"1","world_id":"17"},'
    .. '"service":"event","type":"serviceMessage"}')
  equal({ event.zone_id, event.faction_nc }, { -1, 1.5 })
end

function T.numbers_may_come_as_numbers()
  local event = core.set:read('{"payload":{"battle_rank":34,"character_id":5428010618015189713,'
    .. '"event_name":"BattleRankUp",'
    .. '"timestamp":1,"world_id":17,"zone_id":8},"service":"event","type":"serviceMessage"}')
  equal({ event.battle_rank, event.character_id }, { 34, 5428010618015189713 })
end

function T.the_trigger_somebody_made_is_the_one_that_is_registered()
  local made = ps2.EventTrigger("BattleRankUp")
  local ranks = {}
  made:action(function(event) ranks[#ranks + 1] = event.battle_rank end)
  equal({ ps2.explain(made, "{}") }, { nil, "no_trigger", "This trigger is not registered" })
  local function rank(number)
    return ('{"payload":{"battle_rank":"%d","character_id":"5","event_name":"BattleRankUp","timestamp":"1",'
      .. '"world_id":"17","zone_id":"8"},"service":"event","type":"serviceMessage"}'):format(number)
  end
  equal(ps2.add_trigger(made) == made, true)
  require("intake").take(rank(3))
  stand.run()
  equal({ ranks[1], math.type(made.last_run), ps2.explain(made, rank(3)).fires }, { 3, "integer", true })
  made.conditions = { function(event) return event.battle_rank > 50 end }
  require("intake").take(rank(4))
  stand.run()
  equal(#ranks, 1)
  ps2.remove_trigger(made)
  equal(#ps2.triggers(), 0)
  -- Again, in both spellings.
  ps2.add_trigger(made)
  ps2.remove_trigger(made)
  local other = ps2.trigger { name = "other", events = { "Death" }, action = print }
  ps2.remove_trigger(other)
  equal(ps2.add_trigger(other) == other and ps2.get_trigger("other") == other, true)
  ps2.remove_trigger("other")
  -- One without an action has none, though it can be given one.
  local bare = ps2.add_trigger(ps2.Trigger("Death"))
  require("intake").take(death { timestamp = "1681105410" })
  equal({ ps2.report(bare.key).matched, ps2.report(bare.key).has_action, ps2.report(bare.key).started },
    { 1, false, 0 })
  bare:callback(function(event) ranks[#ranks + 1] = event.event_name end)
  require("intake").take(death { timestamp = "1681105411" })
  stand.run()
  equal(ranks[2], "Death")
  ps2.remove_trigger(bare)
end

function T.who_waits_says_logical_too()
  local wanted
  core.set.host.wait = function() wanted = core.wanted() end
  ps2.wait_for({ events = { "SkillAdded" }, characters = { 5 }, worlds = { 17 }, logical = true }, 0.5)
  equal({ #wanted, wanted[1].logical }, { 1, true })
  equal(#ps2.triggers(), 0)
end

function T.what_is_named_twice_is_subscribed_once()
  local trigger = ps2.trigger {
    events = { "Death", "Death", "AchievementAdded", "AchievementEarned" }, worlds = { 17, "17" }, action = print,
  }
  local wanted = core.wanted()[1]
  equal({ wanted.events, wanted.worlds }, { { "Death", "AchievementEarned" }, { "17" } })
  ps2.remove_trigger(trigger)
end

function T.names_that_can_never_come_are_doubted()
  for _, name in ipairs { "all", "GainExperience_experience_id_x", "GainExperience_experience_id_" } do
    assert(events.doubt(name), name)
  end
  for _, name in ipairs { "Death", "NewEvent", "GainExperience_experience_id_7" } do
    equal({ name, events.doubt(name) }, { name })
  end
end

function T.what_is_called_wrongly_has_the_callers_line()
  local trigger = ps2.trigger { name = "called", events = { "Death" }, action = print }
  for words, call in pairs {
    ["explain: an event, or its text, expected, got missing"] =
      function() local a = ps2.explain("called", nil) return a end,
    ['find: a collection and filters expected, like find("outfit"'] =
      function() local a = ps2.find("x") return a end,
    ["find: limit: a whole number expected"] = function() local a = ps2.find("x", {}, "1") return a end,
    ["characters: a list of ids expected"] = function() local a = ps2.characters(5) return a end,
    ["characters: an id expected, as a whole number or a text, got 1.5"] =
      function() local a = ps2.characters { 1.5 } return a end,
    ["character: an id expected, as a whole number or a text, got missing"] =
      function() local a = ps2.character(nil) return a end,
    ['title: an id expected, as a whole number or a text, got ""'] = function() local a = ps2.title "" return a end,
    ["world: an id expected"] = function() local a = ps2.world {} return a end,
    ["server_of: an id expected"] = function() local a = ps2.server_of() return a end,
    ["long_name: a character expected"] = function() local a = ps2.long_name() return a end,
  } do
    local problem = refused(words, call)
    assert(problem:find("^[^:]*interface_spec.lua:%d+: "), problem)
  end
  ps2.remove_trigger(trigger)
end

return T
