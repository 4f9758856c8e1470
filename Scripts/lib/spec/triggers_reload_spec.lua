-- What a reload carries over, what it says is different, and `wait_for`.

local equal = require("lib.testing").equal
local stand = require "lib.spec.kit.triggers"

local T = {}

local function names(list)
  local result = {}
  for i, trigger in ipairs(list) do result[i] = trigger.name or trigger.key end
  table.sort(result)
  return result
end

-- One generation: a set over the state, with the definitions.
local function load(state, definitions, options)
  options = options or {}
  options.state = state
  local set, host = stand.set(options)
  for _, definition in ipairs(definitions) do set:add(definition) end
  return set, host, set:resume()
end

local function definition(name, changes)
  local made = { name = name, events = { "Death" }, where = { zone_id = 8 }, action = function() end }
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

function T.the_first_load_adds_everything()
  local _, _, difference = load(stand.state(), { definition("a"), definition("b") })
  equal(names(difference.added), { "a", "b" })
  assert(#difference.kept == 0 and #difference.removed == 0)
end

function T.an_unchanged_trigger_goes_on_counting()
  local state = stand.state()
  local set, host = load(state, { definition("a") })
  set:dispatch(stand.death { timestamp = "111" })
  set:dispatch(stand.death { zone_id = "2" })
  host.run()
  local _, difference
  set, _, difference = load(state, { definition("a") })
  equal(names(difference.kept), { "a" })
  local report = set:report("a")
  assert(report.seen == 2 and report.matched == 1 and report.finished == 1 and report.last_run == 1000)
  assert(report.last_fired.text:find('"111"', 1, true) and #report.last_failed == 1)
  set:dispatch(stand.death())
  assert(set:report("a").seen == 3)
end

function T.editing_one_trigger_makes_exactly_it_new()
  local state = stand.state()
  local set = load(state, { definition("a"), definition("b"), definition("c") })
  set:dispatch(stand.death())
  local _, difference
  set, _, difference = load(state, {
    definition("a"), definition("b", { events = { "Death", "GainExperience" } }), definition("d"),
  })
  equal(names(difference.kept), { "a" })
  equal(names(difference.added), { "b", "d" })
  equal(names(difference.removed), { "b", "c" })
  equal(difference.removed[1].events, { "Death" })
  assert(set:report("a").seen == 1 and set:report("b").seen == 0)
end

function T.every_plain_part_of_a_definition_counts_as_a_change()
  for _, changes in ipairs {
    { events = { "GainExperience" }, where = {} }, { where = { zone_id = 9 } }, { where = { zone_id = { ne = 8 } } },
    { characters = { 1 } }, { worlds = { 1 } }, { conditions = { true } }, { single_shot = true }, { version = 2 },
    { version = "two" }, { conditions = { print } },
  } do
    local state = stand.state()
    load(state, { definition("a") })
    local _, _, difference = load(state, { definition("a", changes) })
    assert(#difference.added == 1 and #difference.kept == 0)
  end
end

function T.of_conditions_only_plain_values_and_their_number_count()
  for _, case in ipairs {
    { { function() return true end }, { function() return false end }, 1 }, { { true }, { false }, 0 },
    { { print }, { print, print }, 0 },
  } do
    local state = stand.state()
    load(state, { definition("a", { conditions = case[1] }) })
    local _, _, difference = load(state, { definition("a", { conditions = case[2] }) })
    equal(#difference.kept, case[3])
  end
end

function T.one_without_a_name_begins_anew_when_its_line_moves()
  local state = stand.state()
  local function first(set) set:add { events = { "Death" } } end
  local function below(set) set:add { events = { "Death" } } end
  local function loaded(add)
    local set = stand.set { state = state }
    add(set)
    return set:resume()
  end
  loaded(first)
  equal(#loaded(first).kept, 1)
  local difference = loaded(below)
  equal({ #difference.added, #difference.removed }, { 1, 1 })
end

function T.what_a_handler_added_ends_with_its_generation()
  local state = stand.state()
  local set = load(state, { definition("a") })
  set:add(definition("of a handler"))
  local after, _, difference = load(state, { definition("a") })
  equal({ #after:list(), difference.removed[1].name, #difference.ended }, { 1, "of a handler", 1 })
end

function T.what_a_handler_took_out_stays_away_until_it_says_something_else()
  local state = stand.state()
  local set = load(state, { definition("a"), definition("b") })
  set:dispatch(stand.death())
  set:remove("a")
  for _ = 1, 2 do
    local after, _, difference = load(state, { definition("a"), definition("b") })
    equal({ after:get("a"), #after:list(), select(2, after:report("a")) }, { nil, 1, "no_trigger" })
    equal({ names(difference.kept), #difference.added, #difference.removed }, { { "b" }, 0, 0 })
    equal({ select(2, after:dispatch(stand.death())) }, { 1 })
  end
  local after, _, difference = load(state, { definition("a", { version = 2 }), definition("b") })
  assert(after:get("a") and after:report("a").seen == 0)
  equal({ names(difference.added), #difference.removed }, { { "a" }, 0 })
  after:remove("a")
  after, _, difference = load(state, { definition("b") })
  equal({ #after:list(), #difference.removed, state.kept["probe.records"].a }, { 1, 0, nil })
end

function T.what_was_taken_out_and_added_again_counts_anew()
  local state = stand.state()
  local set = load(state, { definition("a") })
  set:dispatch(stand.death())
  set:remove("a")
  set:add(definition("a"))
  equal(set:report("a").seen, 0)
  assert(load(state, { definition("a") }):get("a"))
end

function T.triggers_without_a_name_are_known_by_their_place()
  local state = stand.state()
  local function loaded()
    local definitions = { definition(nil), definition(nil) }
    return load(state, definitions)
  end
  local set, _, difference = loaded()
  assert(set:list()[1].key ~= set:list()[2].key and #difference.added == 2)
  set, _, difference = loaded()
  assert(#difference.kept == 2 and #set:list() == 2)
end

function T.a_single_shot_that_has_fired_is_not_armed_again()
  local state = stand.state()
  local set, host = load(state, { definition("once", { single_shot = true }) })
  set:dispatch(stand.death())
  host.run()
  set = load(state, { definition("once", { single_shot = true }) })
  assert(not set:get("once") and select(2, set:dispatch(stand.death())) == 0)
  set = load(state, { definition("once", { single_shot = true, version = 2 }) })
  assert(set:get("once"), "an edited one is")
end

function T.what_handlers_add_leaves_nothing_behind()
  local state = stand.state()
  local set, host = load(state, {})
  for _ = 1, 50 do set:add(definition(nil, { single_shot = true })) end
  set:add(definition("again", { single_shot = true }))
  assert(select(2, set:dispatch(stand.death())) == 51)
  host.run()
  assert(next(state.kept["probe.records"]) == nil and next(state.kept["probe.traces"]) == nil)
  set:add(definition("again", { single_shot = true }))
  assert(select(2, set:dispatch(stand.death())) == 1)
end

function T.one_that_has_fired_can_be_added_again()
  local state = stand.state()
  local set = load(state, { definition("once", { single_shot = true }) })
  set:dispatch(stand.death())
  set:add(definition("once", { single_shot = true }))
  assert(load(state, { definition("once", { single_shot = true }) }):get("once"))
end

function T.actions_that_wait_are_run_by_the_new_generation_once()
  local state = stand.state()
  local ran = {}
  local function action(generation)
    return function(event) ran[#ran + 1] = generation .. " " .. event.timestamp end
  end
  local alive = true
  local old, old_host = load(state, { definition("a", { action = action("old") }) }, {
    alive = function() return alive end,
  })
  for i = 1, 3 do old:dispatch(stand.death { timestamp = i }) end
  -- The swap: one task has begun, two are asked for.
  table.remove(old_host.tasks, 1)()
  local _, new_host = load(state, { definition("a", { action = action("new") }) })
  alive = false
  old_host.run()
  new_host.run()
  equal(ran, { "old 1", "new 2", "new 3" })
end

function T.a_waiting_action_whose_trigger_is_gone_is_told()
  local state = stand.state()
  local set = load(state, { definition("a") })
  set:dispatch(stand.death())
  local host
  set, host = load(state, {})
  host.run()
  equal(host.warnings[1].message, "an action that waited has no trigger any more")
  assert(set:report().actions.refused == 1 and set:report().actions.waiting == 0)
end

function T.without_state_everything_begins_anew()
  local set, _, difference = load(false, { definition("a") })
  assert(#difference.added == 1 and set:dispatch(stand.death()))
end

-- Runs `wait_for` in a coroutine that stands for the waiting handler.
local function waiting(...)
  local arguments = { ... }
  local asked = {}
  local set, host = stand.set {
    wait = function(name, timeout)
      asked.name, asked.timeout = name, timeout
      return coroutine.yield()
    end,
  }
  local task = coroutine.create(function() return set:wait_for(table.unpack(arguments)) end)
  local ok, failure = coroutine.resume(task)
  assert(ok, failure)
  return set, host, task, asked
end

function T.wait_for_gives_the_first_event_and_removes_all()
  local set, host, task, asked = waiting(
    { name = "a", events = { "Death" }, where = { zone_id = 2 } }, { name = "b", events = { "Death" },
      single_shot = true }, 5)
  assert(#set:list() == 2 and asked.timeout == 5)
  local event = set:dispatch(stand.death())
  assert(#set:list() == 0)
  equal(host.notified, { asked.name })
  local _, result = coroutine.resume(task)
  assert(result == event and coroutine.status(task) == "dead")
  assert(#host.tasks == 0 and #host.warnings == 0)
end

function T.wait_for_gives_up_after_its_time()
  local set, _, task = waiting({ name = "a", events = { "Death" } }, 0.5)
  local _, result, code, detail = coroutine.resume(task, nil, "timeout")
  equal({ result, code, detail }, { nil, "timeout", "none of the triggers fired within 0.5 s" })
  assert(#set:list() == 0)
end

function T.wait_for_without_a_positive_time_has_no_limit()
  for _, timeout in ipairs { 0, -1, false } do
    local _, _, _, asked = waiting({ events = { "Death" } }, timeout or nil)
    assert(asked.name and asked.timeout == nil)
  end
end

-- A generation in which one waits; what it is asked to wait for, and whether it is still the newest.
local function former(state, timeout)
  local this = { asked = {}, is_alive = true }
  local set = load(state, { definition("a") }, {
    alive = function() return this.is_alive end,
    wait = function(name, seconds)
      this.asked[#this.asked + 1] = { name, seconds }
      return coroutine.yield()
    end,
  })
  this.set = set
  function this.wait()
    local task = coroutine.create(function()
      return set:wait_for({ name = "b", events = { "Death" } }, timeout)
    end)
    assert(coroutine.resume(task))
    return task
  end
  return this
end

function T.who_waits_when_the_package_is_loaded_anew_is_told_so()
  for _, timeout in ipairs { 20, 0, 0.5 } do
    local state, second = stand.state(), nil
    local this = former(state, timeout)
    local task = this.wait()
    local set, host, difference = load(state, { definition("a") }, {
      every = function(_, _, fn) second = fn end,
    })
    equal({ #difference.kept, #difference.removed, #difference.ended }, { 1, 0, 0 })
    this.is_alive = false
    equal(host.notified, {})
    second()
    equal(host.notified, { this.asked[1][1] })
    local _, event, code = coroutine.resume(task)
    equal({ event, code, #this.set:list(), #set:list() }, { nil, "reloaded", 1, 1 })
    -- Who waits only now is told after a pause.
    task = this.wait()
    assert(coroutine.status(task) == "suspended" and #this.set:list() == 1)
    _, event, code = coroutine.resume(task, nil, "timeout")
    equal({ event, code, this.asked[2][2] }, { nil, "reloaded", 1 })
  end
end

function T.who_waits_asks_whether_there_is_anything_to_wait_for()
  local this = former(stand.state(), 0)
  local task = this.wait()
  assert(coroutine.resume(task, nil, "timeout"))
  equal({ coroutine.status(task), #this.asked }, { "suspended", 2 })
  this.is_alive = false
  local _, event, code = coroutine.resume(task, nil, "timeout")
  equal({ event, code }, { nil, "reloaded" })
end

function T.wait_for_with_a_time_waits_no_longer_than_that()
  local state = stand.state()
  local this = former(state, 25)
  local task = this.wait()
  for _ = 1, 2 do assert(coroutine.resume(task, nil, "timeout")) end
  local _, event, code, detail = coroutine.resume(task, nil, "timeout")
  equal({ event, code, detail }, { nil, "timeout", "none of the triggers fired within 25 s" })
  equal({ this.asked[1][2], this.asked[2][2], this.asked[3][2] }, { 10, 10, 5 })
  equal(state.kept["probe.waits"], {})
end

function T.wait_for_leaves_nothing_behind_when_its_handler_is_ended()
  local set = stand.set { wait = function() error("the handler's time is over") end }
  stand.refused("the handler's time is over", set.wait_for, set, { events = { "Death" } }, 5)
  assert(#set:list() == 0)
end

function T.wait_for_leaves_nothing_behind_when_something_is_wrong()
  local set = stand.set()
  set:add { name = "b", events = { "Death" } }
  stand.refused('The trigger "b" already exists', set.wait_for, set, { events = { "Death" } }, { name = "b",
    events = { "Death" } })
  assert(#set:list() == 1)
  stand.refused("wait_for: at least one trigger expected", set.wait_for, set, 5)
end

function T.wait_for_names_the_line_of_who_waits()
  local set = stand.set()
  local places = {}
  set.on_add = function(trigger) places[#places + 1] = trigger.place end
  set:wait_for({ events = { "Death" } }, 5)
  assert(places[1]:find("triggers_reload_spec.lua:%d+$"), places[1])
  local ok, failure = pcall(function() local event = set:wait_for({ events = {} }, 5) return event end)
  assert(not ok and failure:find("triggers_reload_spec.lua:%d+: trigger: events: at least one"), failure)
end

return T
