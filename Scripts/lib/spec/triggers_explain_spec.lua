-- What is said about an event and a trigger, what is counted, which events are kept.

local equal = require("lib.testing").equal
local nightjar = require "nightjar"
local stand = require "lib.spec.kit.triggers"

local T = {}

local function explained(definition, changes)
  local set = stand.set()
  definition.name, definition.action = "t", function() end
  set:add(definition)
  local result = assert(set:explain("t", stand.death(changes)))
  -- Plain data: it goes over the wire as it is.
  assert(nightjar.json.encode(result))
  local outcomes = {}
  for i, test in ipairs(result.tests) do outcomes[i] = test.test .. " " .. test.outcome end
  return result, outcomes
end

function T.all_tests_passed()
  local result, outcomes = explained { events = { "Death" }, worlds = { 17 }, where = { zone_id = { ne = 2 } } }
  assert(result.fires and result.failed_at == nil)
  equal(outcomes, { "events passed", "worlds passed", "where.zone_id passed" })
  equal(result.words, "fires: all 3 tests passed")
  equal(result.tests[1].words, "it is an event the trigger is for: Death")
  equal(result.tests[3].words, "zone_id is 8, as wanted: not 2")
end

function T.a_trigger_without_tests_takes_every_event()
  equal(explained({ events = { "Death" } }).words, "fires: it takes every Death event")
end

function T.the_failing_test_is_named_with_value_and_wish()
  local result = explained { events = { "Death" }, where = { zone_id = { ne = 8 }, is_headshot = true } }
  assert(not result.fires)
  equal(result.failed_at, "where.is_headshot")
  equal(result.words, "does not fire: is_headshot is false; wanted is true")
  equal(result.tests[3], {
    test = "where.zone_id", outcome = "failed", field = "zone_id", value = 8, expected = "not 8",
    words = "zone_id is 8; wanted is not 8",
  })
end

function T.every_test_has_its_words()
  local function failing(where)
    return explained({ events = { "Death" }, where = where }).words:gsub("^does not fire: ", "")
  end
  equal({ failing { zone_id = { 2, 4 } } }, { "zone_id is 8; wanted is 2 or 4", 1 })
  equal({ failing { zone_id = { none_of = { 8, 4 } } } }, { "zone_id is 8; wanted is none of 8 and 4", 1 })
  equal({ failing { zone_id = { min = 9, max = 20 } } }, { "zone_id is 8; wanted is at most 20 and at least 9", 1 })
  equal({ failing { zone_id = { lt = 3 } } }, { "zone_id is 8; wanted is below 3", 1 })
  equal({ failing { zone_id = { gt = 9 } } }, { "zone_id is 8; wanted is above 9", 1 })
  equal({ failing { vehicle_id = { present = true } } }, { "vehicle_id is missing; wanted is any value", 1 })
  equal({ failing { team_id = { same_as = "attacker_team_id" } } },
    { "team_id is 1; wanted is the same as attacker_team_id", 1 })
  equal({ failing { zone_id = { 1, 2, 3, 4, 5, 6, 7 } } }, { "zone_id is 8; wanted is 1, 2, 3, 4, 5, 6 … (7 in all)",
    1 })
end

function T.events_and_filters_have_their_words()
  local result = explained { events = { "GainExperience", "MetagameEvent" } }
  equal(result.words, "does not fire: it is a Death event; the trigger is for GainExperience or MetagameEvent")
  result = explained { events = { "Death" }, characters = { 1, 2 }, worlds = { 40 } }
  equal(result.tests[2].words, "character_id is 5428010618015189713 and attacker_character_id is 5429026007696236657; "
    .. "none of them is of the trigger's characters (1 or 2)")
  equal(result.tests[3].words, "world_id is 17; that is none of the trigger's worlds (40)")
  result = explained { events = { "Death" }, worlds = { 17 } }
  equal(result.tests[2].words, "world_id is 17: one of the trigger's worlds")
end

function T.a_narrower_event_says_which_value_came()
  local set = stand.set()
  set:add { name = "t", events = { "GainExperience_experience_id_55" }, action = function() end }
  local gain = { event_name = "GainExperience", character_id = "1", experience_id = "7", amount = "5" }
  equal(set:explain("t", stand.event(gain)).words,
    "does not fire: it is a GainExperience event with experience_id 7; "
      .. "the trigger is for GainExperience_experience_id_55")
end

function T.conditions_are_asked_only_if_nothing_failed_before()
  local asked = 0
  local function yes() asked = asked + 1 return true end
  local _, outcomes = explained { events = { "Death" }, where = { zone_id = 2 }, conditions = { yes } }
  equal(outcomes, { "events passed", "where.zone_id failed", "condition 1 skipped" })
  assert(asked == 0)
  local result
  result, outcomes = explained { events = { "Death" }, conditions = { yes, function() return nil end, yes } }
  equal(outcomes, { "events passed", "condition 1 passed", "condition 2 failed", "condition 3 skipped" })
  equal(result.words, "does not fire: condition 2 said no (it returned nil)")
end

function T.a_condition_that_raises_is_told_with_its_line()
  local result = explained { events = { "Death" }, conditions = { function(event) return event.x.y end } }
  assert(result.tests[2].error:find("triggers_explain_spec.lua:%d+:"))
  assert(result.words:find("^does not fire: condition 1 raised an error, which counts as no: "))
end

function T.explaining_counts_nothing_and_runs_nothing()
  local set, host = stand.set()
  set:add { name = "t", events = { "Death" }, action = function() error("ran") end }
  assert(set:explain("t", stand.death()).fires)
  assert(set:report("t").seen == 0 and #host.tasks == 0)
end

function T.what_cannot_be_explained_says_why()
  local set = stand.set()
  equal({ set:explain("t", stand.death()) }, { nil, "no_trigger", 'No trigger with name "t"' })
  set:add { name = "t", events = { "Death" } }
  assert(select(2, set:explain("t", "{")) == "invalid_json")
  assert(select(2, set:explain("t", stand.death { zone_id = "" })) == "invalid_event")
end

function T.counters_say_at_which_test_events_failed()
  local set = stand.set()
  set:add {
    name = "t", events = { "Death" }, worlds = { 17 }, where = { zone_id = 8 }, action = function() end,
    conditions = { function(event) return event.is_headshot end },
  }
  set:dispatch(stand.death { world_id = "1" })
  for _ = 1, 3 do set:dispatch(stand.death { zone_id = "2" }) end
  for _ = 1, 2 do set:dispatch(stand.death()) end
  set:dispatch(stand.death { is_headshot = "1" })
  set:dispatch(stand.event { event_name = "Unheard" })
  local report = set:report("t")
  assert(report.seen == 7 and report.matched == 1)
  equal(report.rejected, {
    { test = "worlds", count = 1 }, { test = "where.zone_id", count = 3 }, { test = "condition 1", count = 2 },
  })
  assert(nightjar.json.encode(set:report()))
end

function T.dull_events_do_not_push_out_the_interesting_one()
  local set, host = stand.set()
  set:add { name = "t", events = { "Death" }, worlds = { 17 }, where = { is_headshot = true }, action = function() end }
  set:dispatch(stand.death { is_headshot = "1", timestamp = "111" })
  host.ms = 2000
  set:dispatch(stand.death { timestamp = "222" })
  host.ms = 3000
  for i = 1, 1000 do set:dispatch(stand.death { world_id = "1", timestamp = i }) end
  local report = set:report("t")
  assert(report.last_fired.at == 1000 and report.last_fired.text:find('"timestamp":"111"', 1, true))
  assert(report.last_failed[1].test == "worlds" and report.last_failed[1].at == 3000)
  assert(report.last_failed[2].test == "where.is_headshot" and report.last_failed[2].at == 2000)
  assert(report.last_failed[2].text:find('"timestamp":"222"', 1, true))
  assert(not set:explain("t", report.last_failed[2].text).fires)
end

function T.an_event_can_be_explained_as_well_as_its_text()
  local set = stand.set()
  set:add { name = "t", events = { "Death" }, where = { zone_id = 2 } }
  local event = set:dispatch(stand.death())
  equal(set:explain("t", event), set:explain("t", stand.death()))
end

function T.times_of_kept_events_are_right_to_a_second_or_so_many_events()
  local every_second
  local set, host = stand.set {
    time_every = false, every = function(_, seconds, fn) every_second = seconds == 1 and fn end,
  }
  set:add { name = "t", events = { "Death" }, where = { zone_id = 2 } }
  local function failed_at() return set:report("t").last_failed[1].at end
  set:dispatch(stand.death())
  host.ms = 1900
  set:dispatch(stand.death())
  equal(failed_at(), 1000)
  every_second()
  set:dispatch(stand.death())
  equal(failed_at(), 1900)
  host.ms = 2500
  for _ = 1, 64 do set:dispatch(stand.death()) end
  equal(failed_at(), 2500)
end

function T.long_events_are_kept_by_their_time_only()
  local set = stand.set()
  set:add { name = "t", events = { "Death" }, where = { zone_id = 2 } }
  set:dispatch(stand.death { note = ("x"):rep(3000) })
  local failed = set:report("t").last_failed[1]
  assert(failed.text == "" and failed.at == 1000)
end

function T.what_is_shown_is_utf8()
  local set = stand.set()
  set:add { name = "t", events = { "MetagameEvent" }, where = { state = "x" .. ("é"):rep(100) }, action = print,
    conditions = { function() return "\xff" end } }
  for _, state in ipairs { "é" .. ("é"):rep(39) .. "é", "x" .. ("é"):rep(100) } do
    local event = stand.event { event_name = "MetagameEvent", bonus = "1", state = state }
    assert(nightjar.json.encode(set:explain("t", event)))
  end
end

return T
