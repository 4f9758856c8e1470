-- Which triggers an event fires, in which order, and what their actions get.

local equal = require("lib.testing").equal
local stand = require "lib.spec.kit.triggers"

local T = {}

-- A set with one trigger, and how often it fires for a text.
local function fires(definition, text)
  local set = stand.set()
  definition.action = function() end
  set:add(definition)
  local event, fired = set:dispatch(text)
  assert(event, fired)
  return fired
end

function T.the_event_name_decides_first()
  assert(fires({ events = { "Death" } }, stand.death()) == 1)
  assert(fires({ events = { "Death", "BattleRankUp" } }, stand.death()) == 1)
  assert(fires({ events = { "GainExperience" } }, stand.death()) == 0)
end

function T.an_alias_means_the_name_it_stands_for()
  local set = stand.set()
  local trigger = set:add { events = { "Kill" }, action = function() end }
  equal(trigger.events, { "Death" })
  local _, fired = set:dispatch(stand.death())
  assert(fired == 1)
end

function T.a_narrower_name_means_only_some_events()
  local function gain(id)
    return stand.event { event_name = "GainExperience", character_id = "1", experience_id = id, amount = "5" }
  end
  local narrow = { events = { "GainExperience_experience_id_55" } }
  assert(fires(narrow, gain("55")) == 1 and fires(narrow, gain("56")) == 0)
  local both = { events = { "GainExperience_experience_id_55", "GainExperience_experience_id_7", "Death" } }
  assert(fires(both, gain("7")) == 1 and fires(both, gain("8")) == 0 and fires(both, stand.death()) == 1)
  local any = { events = { "GainExperience_experience_id_55", "GainExperience" } }
  assert(fires(any, gain("8")) == 1)
end

function T.narrower_and_general_triggers_keep_the_order_of_registration()
  local set, host = stand.set()
  local order = {}
  for i, name in ipairs { "GainExperience_experience_id_7", "GainExperience", "GainExperience_experience_id_7" } do
    set:add { events = { name }, action = function() order[#order + 1] = i end }
  end
  set:dispatch(stand.event { event_name = "GainExperience", character_id = "1", experience_id = "7", amount = "5" })
  host.run()
  equal(order, { 1, 2, 3 })
end

function T.a_character_may_be_on_either_side()
  local death = stand.death { character_id = "5428010618015189713", attacker_character_id = "9" }
  assert(fires({ events = { "Death" }, characters = { 9 } }, death) == 1)
  assert(fires({ events = { "Death" }, characters = { "5428010618015189713" } }, death) == 1)
  assert(fires({ events = { "Death" }, characters = { 5428010618015189712 } }, death) == 0)
  assert(fires({ events = { "Death" }, characters = {} }, death) == 1)
end

function T.a_missing_field_counts_as_minus_one()
  local text = stand.event { event_name = "Unheard", world_id = "17" }
  assert(fires({ events = { "Unheard" }, characters = { -1 } }, text) == 1)
  assert(fires({ events = { "Unheard" }, characters = { 5 } }, text) == 0)
end

function T.the_world_must_be_one_of_the_triggers()
  assert(fires({ events = { "Death" }, worlds = { 1, 17 } }, stand.death()) == 1)
  assert(fires({ events = { "Death" }, worlds = { 1 } }, stand.death()) == 0)
end

function T.conditions_are_functions_or_plain_values_in_order()
  local asked = {}
  local function condition(name, result)
    return function(event)
      asked[#asked + 1] = name .. event.world_id
      return result
    end
  end
  local list = { condition("a", 1), true, condition("b", nil), condition("c", true) }
  assert(fires({ events = { "Death" }, conditions = list }, stand.death()) == 0)
  equal(asked, { "a17", "b17" })
  assert(fires({ events = { "Death" }, conditions = { "text", 0 } }, stand.death()) == 1)
  assert(fires({ events = { "Death" }, conditions = { false } }, stand.death()) == 0)
end

function T.conditions_may_be_changed_at_any_time()
  local set = stand.set()
  local trigger = set:add { events = { "Death" }, action = function() end }
  trigger.conditions[1] = false
  assert(select(2, set:dispatch(stand.death())) == 0)
  trigger.conditions[1] = function(event) return event.zone_id == 8 end
  assert(select(2, set:dispatch(stand.death())) == 1)
end

function T.a_condition_that_raises_counts_as_no_and_is_told_once()
  local set, host = stand.set()
  set:add { name = "broken", events = { "Death" }, conditions = { function(event) return event.x.y end } }
  set:add { name = "sound", events = { "Death" }, action = function() end }
  for _ = 1, 5 do assert(select(2, set:dispatch(stand.death())) == 1) end
  assert(#host.warnings == 1)
  local fields = host.warnings[1].fields
  assert(fields.trigger == "broken" and fields.condition == 1)
  assert(fields.error:find("triggers_match_spec.lua:%d+: attempt to index a nil value"), fields.error)
  assert(set:report("broken").raised == 5)
end

function T.something_else_than_a_list_of_conditions_stops_no_other_trigger()
  local set, fired = stand.set(), 0
  local function count() fired = fired + 1 end
  local odd = set:add { name = "odd", events = { "Death" }, conditions = { function() return true end },
    action = count }
  local shy = set:add { name = "shy", events = { "Death" }, action = count }
  set:add { name = "other", events = { "Death" }, conditions = { function() return true end }, action = count }
  local function fire()
    -- More than one in which the conditions are measured.
    for _ = 1, 65 do set:dispatch(stand.death()) end
    local _, number = set:dispatch(stand.death())
    assert(set:report() and set:explain("odd", stand.death()))
    return number
  end
  assert(fire() == 3)
  odd.conditions = nil
  assert(fire() == 3)
  odd.conditions = false
  assert(fire() == 2)
  odd.conditions = function(event) return event.zone_id == 8 end
  assert(fire() == 3)
  odd.conditions, shy.conditions = 5, false
  assert(fire() == 2)
end

function T.a_condition_may_take_the_list_away_and_fail()
  local set = stand.set()
  local odd
  odd = set:add { name = "odd", events = { "Death" }, action = print, conditions = { function()
    odd.conditions = nil
    error "no"
  end } }
  set:add { name = "other", events = { "Death" }, action = print }
  for _ = 1, 3 do set:dispatch(stand.death()) end
  assert(set:report("other").matched == 3)
end

function T.a_list_of_conditions_may_be_replaced()
  local set = stand.set { time_every = 1000 }
  local trigger = set:add { events = { "Death" }, conditions = { function() return false end },
    action = function() end }
  assert(select(2, set:dispatch(stand.death())) == 0)
  trigger.conditions = { function() return true end }
  assert(select(2, set:dispatch(stand.death())) == 1)
  trigger.conditions[2] = false
  assert(select(2, set:dispatch(stand.death())) == 0)
  trigger.conditions = {}
  assert(select(2, set:dispatch(stand.death())) == 1)
end

function T.an_error_among_many_triggers_stops_none()
  local set = stand.set { time_every = 1000 }
  for i = 1, 50 do
    local condition = function(event) return i % 3 > 0 or event.x.y end
    set:add { name = "t" .. i, events = { "Death" }, where = { zone_id = 8 }, conditions = { condition },
      action = print }
  end
  assert(select(2, set:dispatch(stand.death())) == 34)
  assert(select(2, set:dispatch(stand.death())) == 34)
  for i = 1, 50 do
    local report = set:report("t" .. i)
    assert(report.seen == 2 and report.raised == (i % 3 == 0 and 2 or 0) and report.matched == (i % 3 > 0 and 2 or 0))
  end
end

function T.a_condition_may_give_an_event_itself()
  local set, depth = stand.set { time_every = 1000 }, 0
  set:add { name = "a", events = { "Death" }, action = print, conditions = { function()
    depth = depth + 1
    if depth == 1 then set:dispatch(stand.death()) end
    return true
  end } }
  set:add { name = "b", events = { "Death" }, conditions = { function() error("no") end } }
  set:add { name = "c", events = { "Death" }, action = print }
  assert(select(2, set:dispatch(stand.death())) == 2)
  assert(set:report("a").matched == 2 and set:report("b").raised == 2 and set:report("c").matched == 2)
end

function T.a_condition_that_spoils_the_event_spoils_no_more_than_that()
  local set, host = stand.set { time_every = 1000 }
  set:add { name = "a", events = { "Death" }, conditions = { function(event) event.zone_id = "x" end } }
  for i = 1, 20 do
    set:add { name = "b" .. i, events = { "Death" }, where = { zone_id = { min = 5 } }, action = print }
  end
  set:add { name = "c", events = { "Death" }, action = print }
  assert(select(2, set:dispatch(stand.death())) == 1)
  equal(host.warnings[1].message, "a test failed")
  assert(set:report("b1").seen == 1 and set:report("b20").seen == 1)
end

function T.several_fire_in_the_order_of_registration()
  local set, host = stand.set()
  local order = {}
  for i = 1, 3 do set:add { events = { "Death" }, action = function() order[#order + 1] = i end } end
  assert(select(2, set:dispatch(stand.death())) == 3)
  equal(order, {}, "actions have tasks of their own")
  host.run()
  equal(order, { 1, 2, 3 })
end

function T.a_single_shot_is_removed_before_its_action_and_nobody_is_skipped()
  local set, host = stand.set()
  local log = {}
  set:add {
    name = "once", events = { "Death" }, single_shot = true,
    action = function() log[#log + 1] = set:get("once") and "still there" or "once" end,
  }
  set:add { events = { "Death" }, action = function() log[#log + 1] = "next" end }
  set:dispatch(stand.death())
  assert(not set:get("once"))
  set:dispatch(stand.death())
  host.run()
  equal(log, { "once", "next", "next" })
end

function T.a_trigger_removed_by_an_earlier_one_fires_no_more()
  local set = stand.set()
  set:add {
    events = { "Death" },
    conditions = { function()
      if set:get("second") then set:remove("second") end
      return false
    end },
  }
  set:add { name = "second", events = { "Death" }, action = function() end }
  set:add { name = "third", events = { "Death" }, action = function() end }
  assert(select(2, set:dispatch(stand.death())) == 1)
end

function T.a_trigger_without_an_action_warns_when_it_runs()
  local set, host = stand.set()
  local trigger = set:add { name = "idle", events = { "Death" } }
  set:dispatch(stand.death())
  equal(host.warnings[1].message, "a trigger without an action has fired")
  assert(host.warnings[1].fields.trigger == "idle" and trigger.last_run == 1000)
end

function T.last_run_is_set_just_before_the_action()
  local set, host = stand.set()
  local seen
  local trigger
  trigger = set:add { events = { "Death" }, action = function() seen = trigger.last_run end }
  assert(trigger.last_run == nil)
  set:dispatch(stand.death())
  host.ms = 5000
  host.run()
  assert(seen == 5000 and trigger.last_run == 5000)
end

function T.names_are_unique_and_triggers_without_a_name_are_exempt()
  local set = stand.set()
  set:add { name = "one", events = { "Death" } }
  local words = 'The trigger "one" already exists, from ' .. set:get("one").place
  stand.refused(words, set.add, set, { name = "one", events = { "Death" } })
  set:add { events = { "Death" } }
  set:add { events = { "Death" } }
  assert(#set:list() == 3 and set:get("one") == set:list()[1])
  set:remove("one")
  set:add { name = "one", events = { "Death" } }
end

function T.removing_what_is_not_there_is_an_error()
  local set = stand.set()
  local trigger = set:add { name = "headshots", events = { "Death" } }
  stand.refused('No trigger with name "headshot"; did you mean "headshots"?', set.remove, set, "headshot")
  set:remove(trigger)
  stand.refused("This trigger is not registered", set.remove, set, trigger)
  stand.refused('No trigger with name "headshots"', set.remove, set, "headshots")
end

function T.one_without_a_name_is_found_by_its_place()
  local set = stand.set()
  local trigger = set:add { events = { "Death" }, action = function() end }
  assert(set:explain(trigger, stand.death()).fires and set:explain(trigger.key, stand.death()).fires)
  assert(trigger.key:find("triggers_match_spec.lua:%d+#1$"), trigger.key)
  equal(set:report(trigger.key).key, trigger.key)
end

function T.slips_in_a_definition_name_what_was_meant()
  local set = stand.set()
  local function refused(text, definition) stand.refused(text, set.add, set, definition) end
  refused('trigger "x": a trigger has no "event"; did you mean "events"?', { name = "x", event = { "Death" } })
  refused("events: at least one name expected", { events = {} })
  refused("events: a name expected, got 5", { events = { 5 } })
  refused('characters: a whole number expected, got "Kim"', { events = { "Death" }, characters = { "Kim" } })
  refused("action: a function expected", { events = { "Death" }, action = "print" })
  refused("single_shot: true or false expected", { events = { "Death" }, single_shot = 1 })
  refused("conditions: a list expected", { events = { "Death" }, conditions = print })
  assert(#set:list() == 0)
end

function T.an_event_that_is_nearly_known_is_told()
  local set, host = stand.set()
  set:add { name = "a", events = { "Unheard" } }
  set:add { name = "b", events = { "Deaht" } }
  -- Files may be loaded once more before they run.
  assert(#host.warnings == 0)
  set:resume()
  equal(#host.warnings, 1)
  local told = host.warnings[1].fields
  equal({ told.event, told.meant, told.trigger, told.at }, { "Deaht", "Death", "b", set:get("b").place })
  set:add { name = "c", events = { "Deaht" } }
  equal({ #host.warnings, host.warnings[2].fields.trigger }, { 2, "c" })
end

function T.an_error_has_the_line_of_who_adds()
  local set = stand.set()
  local ok, failure = pcall(function() set:add { events = {} } end)
  assert(not ok and failure:find("triggers_match_spec.lua:%d+: trigger: events"), failure)
  local trigger = set:add { events = { "Death" } }
  assert(trigger.place:find("triggers_match_spec.lua:%d+$"), trigger.place)
end

function T.additions_and_removals_are_told()
  local log = {}
  local set = stand.set {
    on_add = function(trigger) log[#log + 1] = "+" .. trigger.name end,
    on_remove = function(trigger) log[#log + 1] = "-" .. trigger.name end,
  }
  set:add { name = "a", events = { "Death" }, single_shot = true, action = function() end }
  set:add { name = "b", events = { "Death" } }
  set:dispatch(stand.death())
  set:remove("b")
  equal(log, { "+a", "+b", "-a", "-b" })
end

function T.filters_know_the_values_of_an_undeclared_event_in_every_spelling()
  local set = stand.set()
  local function fired(payload)
    payload.event_name = "FishFry"
    return select(2, set:dispatch(stand.event(payload)))
  end
  set:add { events = { "FishFry", "Death" }, characters = { 5428010618015189713 }, worlds = { 17 }, action = print }
  equal(fired { character_id = "5428010618015189713", world_id = "17" }, 1)
  equal(fired { attacker_character_id = "5428010618015189713", world_id = 17 }, 1)
  equal(fired { character_id = "5428010618015189713", world_id = "1" }, 0)
  equal(fired { character_id = "5428010618015189714", world_id = "17" }, 0)
  equal(select(2, set:dispatch(stand.death())), 1)
  assert(set:explain(set:list()[1], stand.event {
    event_name = "FishFry", character_id = "5428010618015189713",
  }).fires)
end

function T.too_many_triggers_or_tests_are_an_error_of_the_line_that_adds_them()
  local limits = require "lib.triggers.limits"
  local triggers, tests = limits.triggers, limits.all_tests
  limits.triggers, limits.all_tests = 3, 5
  local set = stand.set()
  local function add(name, where) return set:add { name = name, events = { "Death" }, where = where } end
  local function refused(text, name, where)
    local ok, problem = pcall(function() set:add { name = name, events = { "Death" }, where = where } end)
    assert(not ok and problem:find("triggers_match_spec.lua:%d+: ") and problem:find(text, 1, true), tostring(problem))
  end
  add("a", { zone_id = 1, team_id = 1 })
  add("b", { zone_id = 1, team_id = 1 })
  refused("6 tests in the 3 triggers of set probe; at most 5", "c", { zone_id = 1, team_id = 1 })
  set:remove("a")
  add("c", { zone_id = 1, team_id = 1 })
  add("d", { zone_id = 1 })
  refused("3 triggers in set probe; at most 3", "e")
  limits.triggers, limits.all_tests = triggers, tests
end

function T.triggers_of_the_same_kind_in_different_places_have_their_own_values()
  local set = stand.set { time_every = 1000 }
  local fired = {}
  for index = 1, 40 do
    set:add {
      name = "t" .. index, events = { "Death" }, worlds = index % 2 == 0 and { 17, index } or { 17 },
      where = { zone_id = index, is_headshot = false, team_id = index % 3 == 0 and { 1, index } or 1 },
      conditions = index % 5 == 0 and { function(event) return event.zone_id ~= 10 end } or nil,
      action = function() fired[#fired + 1] = index end,
    }
  end
  for index = 1, 40 do
    local _, count = set:dispatch(stand.death { zone_id = tostring(index) })
    equal({ index, count }, { index, index == 10 and 0 or 1 })
    equal(set:report("t" .. index).matched, index == 10 and 0 or 1)
  end
  equal({ set:report("t1").rejected[4].count, set:report("t10").rejected[5].count }, { 39, 1 })
end

return T
