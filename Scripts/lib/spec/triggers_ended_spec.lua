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

local function lose(set, text)
  local handler = coroutine.create(function() set:dispatch(text or stand.death()) end)
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
    equal(report.last_failed[1].text, stand.death())
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

function T.the_package_hears_of_each_event_that_was_lost()
  for _, time_every in ipairs { 1000, 1 } do
    local heard = {}
    local set = begun {
      enter = function(gate) return gate[1] end, time_every = time_every,
      on_lost = function(event, lost) heard[#heard + 1] = { event.timestamp, lost.trigger, lost.condition } end,
    }
    set:add { name = "loop", events = { "Death" }, conditions = { never } }
    lose(set, stand.death { timestamp = "5" })
    lose(set, stand.death { timestamp = "6", more = ("x"):rep(5000) })
    equal({ #set:notice(), set:report("loop").last_failed[1].text }, { 2, "" })
    equal(heard, { { 5, "loop", 1 }, { 6, "loop", 1 } })
  end
end

local OFF = "a condition is not asked for a while: it took too long several times in a row"

-- A set with a condition that never comes back while `is_slow`, and one behind it.
local function slow(time_every, state)
  local second
  local set, host = begun {
    enter = function(gate) return gate[1] end, time_every = time_every, state = state,
    alive = function() return true end, every = function(_, _, fn) second = fn end,
  }
  host.asked, host.is_slow = 0, true
  set:add { name = "loop", events = { "Death" }, version = host.version, conditions = { true, function()
    host.asked = host.asked + 1
    if host.is_slow then never() end
    return false
  end } }
  set:add { name = "behind", events = { "Death" } }
  return set, host, function() second() end
end

function T.one_that_took_too_long_three_times_in_a_row_is_not_asked_for_a_minute()
  for _, time_every in ipairs { 1000, 1 } do
    local set, host, second = slow(time_every)
    for _ = 1, 2 do lose(set) end
    equal({ #set:notice(), set:report("loop").cut_off }, { 2, nil })
    lose(set)
    set:notice()
    equal(set:report("loop").cut_off, { condition = 2, times = 3, till = host.ms + 60000 })
    local off = 0
    for _, warning in ipairs(host.warnings) do
      if warning.message == OFF then
        off = off + 1
        equal(warning.fields, { trigger = "loop", condition = 2, times = 3, seconds = 60, set = "probe" })
      end
    end
    equal(off, 1)
    for _ = 1, 5 do set:dispatch(stand.death()) end
    local report = set:report("loop")
    equal({ host.asked, report.overran, report.unasked, report.seen, set:report("behind").matched }, { 3, 3, 5, 8, 5 })
    local explained = set:explain("loop", stand.death())
    equal({ explained.fires, explained.failed_at }, { false, "condition 1" })
    assert(explained.words:find("condition 2 took too long 3 times in a row", 1, true), explained.words)
    -- After a minute it is asked once; it has not changed.
    host.ms = host.ms + 60000
    second()
    lose(set)
    set:notice()
    set:dispatch(stand.death())
    equal({ host.asked, set:report("loop").overran, set:report("loop").unasked }, { 4, 4, 6 })
    -- Now it has.
    host.ms, host.is_slow = host.ms + 60000, false
    second()
    for _ = 1, 3 do set:dispatch(stand.death()) end
    equal({ host.asked, set:report("loop").cut_off }, { 7, nil })
  end
end

function T.an_answer_between_begins_the_row_anew()
  local set, host = slow(1000)
  for turn = 1, 6 do
    host.is_slow = turn % 3 ~= 0
    if host.is_slow then lose(set) else set:dispatch(stand.death()) end
    set:notice()
  end
  equal({ host.asked, set:report("loop").cut_off, set:report("loop").overran }, { 6, nil, 4 })
end

function T.what_is_not_asked_stays_so_through_a_reload_but_for_a_change()
  local state = stand.state()
  local set, host = slow(1000, state)
  set:resume()
  for _ = 1, 3 do lose(set) end
  set:notice()
  local after, new_host, second = slow(1000, state)
  after:resume()
  after:dispatch(stand.death())
  equal({ new_host.asked, after:report("loop").unasked }, { 0, 1 })
  new_host.ms = host.ms + 60000
  second()
  lose(after)
  equal(new_host.asked, 1)
  local changed = stand.set { state = state, alive = function() return true end }
  changed:add { name = "loop", events = { "Death" }, version = 2, conditions = { true, print } }
  changed:resume()
  equal({ changed:report("loop").cut_off, changed:report("loop").unasked }, { nil, 0 })
end

function T.trying_an_event_tells_which_condition_takes_too_long_and_what_the_others_say()
  local set = ending(1000)
  set:add { name = "a", events = { "Death" }, conditions = { function() return true end } }
  set:add { name = "loop", events = { "Death" }, where = { zone_id = 8 }, conditions = { true, never, true } }
  set:add { name = "b", events = { "Death" }, conditions = { function() return false end } }
  set:add { name = "c", events = { "Death" } }
  local tried = set:try(nil, stand.death())
  local said = {}
  for index, one in ipairs(tried) do said[index] = { one.trigger, one.fires, one.failed_at } end
  equal(said, { { "a", true }, { "loop", false, "condition 2" }, { "b", false, "condition 1" }, { "c", true } })
  local outcomes = {}
  for index, test in ipairs(tried[2].tests) do outcomes[index] = test.outcome end
  equal(outcomes, { "passed", "passed", "passed", "failed", "skipped" })
  equal(tried[2].words, "does not fire: condition 2 took longer than a handler may work, which counts as no")
  -- Nothing of it is counted.
  equal({ #set:notice(), set:report("loop").seen, set:report("loop").overran }, { 0, 0, 0 })
  equal({ #set:try("loop", stand.death()), (select(2, set:try("lop", stand.death()))) }, { 1, "no_trigger" })
  local lines = require("lib.triggers.lines").answer(set, { event = stand.death() }).lines
  equal({ #lines, lines[2] }, { 4, "loop: " .. tried[2].words })
end

function T.after_many_that_take_too_long_the_others_are_not_asked()
  local set = ending(1000)
  for index = 1, 25 do set:add { name = "l" .. index, events = { "Death" }, conditions = { never } } end
  set:add { name = "plain", events = { "Death" } }
  local tried = set:try(nil, stand.death())
  assert(tried[20].words:find("took longer than a handler may work", 1, true))
  equal(tried[21].words, "does not fire: condition 1 is not asked: too many other conditions took too long")
  equal({ #tried, tried[26].fires }, { 26, true })
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
