-- A trigger in the hands of a script: what it says, and that it is the registered one.

local equal = require("lib.testing").equal
local stand = require "lib.spec.kit.triggers"

local T = {}

function T.a_trigger_that_was_removed_can_be_added_again_and_is_the_same()
  local set, host = stand.set()
  local ran = {}
  local trigger = set:add { name = "a", events = { "Kill" }, action = function() ran[#ran + 1] = "a" end }
  stand.refused('The trigger "a" already exists', set.add, set, trigger)
  set:dispatch(stand.death())
  host.run()
  set:remove(trigger)
  equal(select(2, set:dispatch(stand.death())), 0)
  trigger.worlds = { 17 }
  trigger.conditions = { true }
  equal(set:add(trigger) == trigger and set:get("a") == trigger, true)
  equal({ trigger.last_run, set:report("a").seen }, { 1000, 0 })
  set:dispatch(stand.death())
  set:dispatch(stand.death { world_id = "1" })
  host.ms = 2000
  host.run()
  equal({ #ran, trigger.last_run }, { 2, 2000 })
  equal({ set:report("a").matched, set:explain(trigger, stand.death { world_id = "1" }).failed_at }, { 1, "worlds" })
  -- At any time: the list itself may be another one.
  trigger.conditions = { false }
  equal(select(2, set:dispatch(stand.death())), 0)
  set:remove(trigger)
  trigger.wordls = { 1 }
  stand.refused('a trigger has no "wordls"; did you mean "worlds"?', set.add, set, trigger)
end

function T.without_a_name_a_trigger_is_registered_once()
  local set = stand.set()
  local trigger = set:add { events = { "Death" } }
  stand.refused("it is registered already", set.add, set, trigger)
  trigger.name = "late"
  set:remove(trigger)
  equal({ #set:list(), set:get("late") }, { 0, nil })
  equal(set:get(set:add(trigger).name) == trigger, true)
  trigger.name = "later"
  set:remove(trigger)
  equal(set:get("late"), nil)
end

function T.a_trigger_that_was_removed_can_be_waited_for()
  local set = stand.set()
  local trigger = set:add { name = "a", events = { "Death" }, action = function() error("not called") end }
  set:remove(trigger)
  set.host.wait = function() set:dispatch(stand.death()) end
  local event = set:wait_for(trigger, 5)
  equal({ event.event_name, trigger.last_run, trigger.registered, #set:list() }, { "Death", 1000, false, 0 })
end

function T.what_a_source_lets_triggers_say_besides()
  local set = stand.set { events = { kinds = { door = { n = "integer" } }, properties = { loud = "boolean" } } }
  equal(set:add({ events = { "door" }, loud = true }).loud, true)
  equal(set:add({ events = { "door" } }).loud, nil)
  for _, value in ipairs { "true", 1, "loud" } do
    stand.refused("loud: true or false expected, got", set.add, set, { events = { "door" }, loud = value })
  end
end

function T.what_is_named_twice_is_there_once()
  local set = stand.set()
  local trigger = set:add { events = { "Death", "Kill", "Death" }, worlds = { 17, "17", 1 }, characters = { "5", 5 } }
  equal({ trigger.events, trigger.worlds, trigger.characters }, { { "Death" }, { 17, 1 }, { 5 } })
end

function T.a_name_that_the_source_doubts_is_told_with_its_line()
  local events = { kinds = { door = { n = "integer" } } }
  function events.doubt(name) return name == "all" and "there is no such event" or nil end
  local set, host = stand.set { events = events }
  set:add { name = "a", events = { "all", "door" } }
  set:add { name = "b", events = { "window" } }
  set:resume()
  equal(#host.warnings, 1)
  local told = host.warnings[1].fields
  equal({ told.trigger, told.event, told.problem, told.meant }, { "a", "all", "there is no such event", nil })
  assert(told.at:find("triggers_held_spec.lua:%d+$"), told.at)
end

return T
