-- Conditions that never come back: they wait, or they take too long and are ended with the handler.

local equal = require("lib.testing").equal
local nightjar = require "nightjar"
local stand = require "lib.spec.kit.triggers"

local T = {}

-- The first event is measured, its conditions are asked one by one; those behind it go in groups.
local function begun(options)
  local set, host = stand.set(options)
  if options.time_every == 1 then return set, host end
  local first = set:add { events = { "Death" }, action = function() end }
  set:dispatch(stand.death())
  set:remove(first)
  return set, host
end

-- A set in which a condition may yield; one that does so and is left alone stands for one that was
-- ended from outside.
local function ending(time_every)
  return begun { enter = function(gate) return gate[1] end, time_every = time_every }
end

local function lose(set)
  local handler = coroutine.create(function() set:dispatch(stand.death()) end)
  assert(coroutine.resume(handler))
  assert(coroutine.status(handler) == "suspended")
end

local function never() coroutine.yield() end

local function messages(host)
  local list = {}
  for i, warning in ipairs(host.warnings) do list[i] = warning.message end
  return list
end

local LOST = "a condition took too long; the triggers that had not fired have lost the event"

function T.a_condition_that_took_too_long_is_an_error_of_its_trigger()
  -- By groups, and one by one with the clock in hand.
  for _, time_every in ipairs { 1000, 1 } do
    local set, host = ending(time_every)
    set:add { name = "before", events = { "Death" }, conditions = { function() return true end } }
    set:add { name = "loop", events = { "Death" }, where = { zone_id = 8 }, conditions = { never } }
    set:add { name = "behind", events = { "Death" } }
    lose(set)
    equal(set:notice(), { { trigger = "loop", condition = 1 } })
    local report = set:report("loop")
    equal({ report.raised, report.overran, report.seen, report.rejected[2].count }, { 1, 1, 1, 1 })
    equal({ set:report().lost, set:report("behind").raised }, { 1, 0 })
    equal(host.warnings[#host.warnings].fields, { trigger = "loop", condition = 1, set = "probe" })
    equal(messages(host)[#host.warnings], LOST)
    equal(set:notice(), {}, "once")
  end
end

function T.the_condition_behind_the_first_is_named()
  local set = ending(1000)
  set:add { name = "loop", events = { "Death" }, conditions = { function() return true end, never } }
  lose(set)
  equal(set:notice(), { { trigger = "loop", condition = 2 } })
  equal(set:report("loop").rejected[2].count, 1)
end

function T.several_lost_events_are_told_apart_and_those_between_are_counted_as_ever()
  local set = ending(1000)
  local which
  for _, name in ipairs { "a", "b", "c" } do
    set:add { name = name, events = { "Death" }, conditions = { function()
      if which == name then never() end
      return false
    end } }
  end
  for _, name in ipairs { "b", "", "a", "", "c" } do
    which = name
    if name == "" then set:dispatch(stand.death()) else lose(set) end
  end
  equal(set:notice(), {
    { trigger = "b", condition = 1 }, { trigger = "a", condition = 1 }, { trigger = "c", condition = 1 },
  })
  equal({ set:report().lost, set:report("a").overran, set:report("c").seen }, { 3, 1, 3 })
end

function T.a_condition_that_gives_an_event_to_the_set_is_none_of_these()
  local set = begun { time_every = 1000 }
  local inside = false
  set:add { name = "a", events = { "Death" }, conditions = { function()
    if not inside then
      inside = true
      set:dispatch(stand.death())
      inside = false
    end
    return true
  end }, action = function() end }
  set:dispatch(stand.death())
  local _, fired = set:dispatch(stand.death())
  equal({ fired, set:report("a").matched, #set:notice() }, { 1, 4, 0 })
end

function T.a_condition_that_waits_has_failed()
  for _, time_every in ipairs { 1000, 1 } do
    local set, host = begun { time_every = time_every }
    set:add { name = "waits", events = { "Death" }, conditions = { function() nightjar.sleep(0) return true end } }
    set:add { name = "good", events = { "Death" }, action = function() end }
    local _, fired = set:dispatch(stand.death())
    equal({ fired, set:report("waits").raised, #set:notice() }, { 1, 1, 0 })
    local failure = host.warnings[1].fields.error
    assert(failure:find("triggers_ended_spec.lua:%d+: '.*sleep' waits, which a condition must not$"), failure)
    local explained = set:explain("waits", stand.death())
    assert(explained.tests[2].error == failure, explained.tests[2].error)
  end
end

function T.a_condition_that_yields_has_failed()
  local set = stand.set()
  set:add { name = "yields", events = { "Death" }, conditions = { never } }
  assert(coroutine.resume(coroutine.create(function() set:dispatch(stand.death()) end)))
  equal({ set:report("yields").raised, #set:notice() }, { 1, 0 })
end

return T
