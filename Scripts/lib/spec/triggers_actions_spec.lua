-- Actions: tasks of their own, bounded, counted, and what happens when one fails or gets lost.

local equal = require("lib.testing").equal
local limits = require "lib.triggers.limits"
local stand = require "lib.spec.kit.triggers"

local T = {}

function T.an_action_gets_the_event_its_conditions_saw()
  local set, host = stand.set()
  local got
  set:add {
    events = { "Death" }, conditions = { function(event) event.note = "seen" return true end },
    action = function(event) got = event end,
  }
  local event = set:dispatch(stand.death())
  host.run()
  assert(got == event and got.note == "seen")
end

function T.an_error_in_an_action_stops_nothing()
  local set, host = stand.set()
  local ran = 0
  set:add { name = "bad", events = { "Death" }, action = function() error("no") end }
  set:add { name = "good", events = { "Death" }, action = function() ran = ran + 1 end }
  for _ = 1, 3 do set:dispatch(stand.death()) end
  host.run()
  assert(ran == 3)
  local bad, good = set:report("bad"), set:report("good")
  assert(bad.errors == 3 and bad.finished == 3 and good.errors == 0 and good.finished == 3)
  equal(host.warnings[1].message, "an action failed")
  assert(host.warnings[1].fields.error:find("triggers_actions_spec.lua:%d+: no"))
end

function T.runs_of_one_action_may_overlap()
  local set, host = stand.set()
  set:add { events = { "Death" }, action = function() coroutine.yield() end }
  for _ = 1, 5 do set:dispatch(stand.death()) end
  local open = host.run()
  assert(#open == 5 and set:report().actions.running == 5)
  for _, task in ipairs(open) do coroutine.resume(task) end
  assert(set:report().actions.running == 0)
end

function T.so_many_run_at_a_time_and_the_others_wait_in_order()
  local set, host = stand.set()
  local order = {}
  set:add { events = { "Death" }, action = function(event)
    order[#order + 1] = event.timestamp
    coroutine.yield()
  end }
  for i = 1, limits.running + 10 do set:dispatch(stand.death { timestamp = i }) end
  local open = host.run()
  local state = set:report().actions
  assert(#open == limits.running and state.running == limits.running and state.waiting == 10)
  coroutine.resume(open[1])
  host.run()
  assert(#order == limits.running + 1 and order[#order] == limits.running + 1)
end

function T.a_storm_loses_no_event_and_gives_up_the_oldest_actions()
  local set, host = stand.set()
  local first, last
  set:add { name = "slow", events = { "Death" }, action = function(event)
    first = first or event.timestamp
    last = event.timestamp
    coroutine.yield()
  end }
  host.busy = true
  for i = 1, 12000 do set:dispatch(stand.death { timestamp = i }) end
  local report = set:report("slow")
  local state = set:report().actions
  assert(report.seen == 12000 and report.matched == 12000)
  assert(report.refused == 12000 - state.waiting and report.refused == state.refused and report.refused > 0)
  assert(state.waiting <= limits.waiting)
  assert(host.warnings[1].message == "an action was given up: too many wait" and #host.warnings == limits.warnings)
  host.busy = false
  set:dispatch(stand.death { timestamp = 12001 })
  local open = host.run()
  while #open > 0 do
    for _, task in ipairs(open) do coroutine.resume(task) end
    open = host.run()
  end
  assert(last == 12001 and first == 12001 - state.waiting + 1, "the newest were kept, in order")
  report = set:report("slow")
  assert(report.finished + report.refused == 12001 and set:report().actions.waiting == 0)
end

function T.ten_thousand_wait_and_no_more()
  local set, host = stand.set { events = { name = "kind" } }
  host.busy = true
  set:add { name = "t", events = { "hit" }, action = function() end }
  for _ = 1, 10003 do set:dispatch('{"kind":"hit"}') end
  equal({ set:report().actions.waiting, set:report("t").refused, set:report("t").seen }, { 10000, 3, 10003 })
end

function T.what_waits_is_bounded_in_bytes()
  local set, host = stand.set()
  host.busy = true
  set:add { events = { "Death" }, action = function() end }
  for i = 1, 12 do set:dispatch(stand.death { note = ("x"):rep(1 << 19), timestamp = i }) end
  assert(set:report().actions.waiting == 7, set:report().actions.waiting)
end

function T.a_task_that_got_lost_is_asked_for_again()
  local set, host = stand.set()
  local ran = 0
  set:add { events = { "Death" }, action = function() ran = ran + 1 end }
  set:dispatch(stand.death())
  host.tasks = {} -- the handler that asked for it has failed
  host.ms = host.ms + 500
  set:dispatch(stand.death())
  assert(#host.tasks == 1, "the second is asked for, the first is not given up yet")
  host.tasks = {}
  host.ms = host.ms + 1500
  set:dispatch(stand.death())
  host.run()
  assert(ran == 3 and set:report().actions.waiting == 0)
end

function T.a_task_that_was_ended_from_outside_gives_its_place_back()
  local set, host = stand.set()
  set:add { name = "t", events = { "Death" }, action = function() coroutine.yield() end }
  for _ = 1, limits.running do set:dispatch(stand.death()) end
  host.run()
  for action in pairs(set.actions.running) do coroutine.close(action) end
  set:dispatch(stand.death())
  assert(#host.run() == 1)
  assert(set:report("t").errors == limits.running)
end

function T.an_action_that_yields_to_nobody_has_failed()
  local set, host = stand.set { go_on = false }
  set:add { name = "t", events = { "Death" }, action = function() coroutine.yield() end }
  set:dispatch(stand.death())
  host.run()
  assert(set:report("t").errors == 1 and set:report().actions.running == 0)
  assert(host.warnings[1].fields.error:find("must not yield"))
end

function T.the_time_of_actions_is_counted()
  local set, host = stand.set()
  set:add { name = "t", events = { "Death" }, action = function() host.ms = host.ms + 40 end }
  for _ = 1, 3 do set:dispatch(stand.death()) end
  host.run()
  local report = set:report("t")
  assert(report.action_ms == 120 and report.longest_ms == 40)
end

function T.what_an_action_waits_for_counts_as_its_time()
  local set, host = stand.set()
  set:add { name = "t", events = { "Death" }, action = function() coroutine.yield() end }
  set:dispatch(stand.death())
  local open = host.run()
  host.ms = host.ms + 700
  coroutine.resume(open[1])
  equal(set:report("t").longest_ms, 700)
end

function T.one_event_in_sixty_four_is_measured_unless_it_is_said_otherwise()
  local set = stand.set { time_every = false }
  set:add { name = "t", events = { "Death" }, conditions = { function() return false end } }
  for _ = 1, 640 do set:dispatch(stand.death()) end
  equal(set:get("t").record.timed, 10)
end

function T.the_time_of_conditions_is_measured_for_some_events()
  local set, host = stand.set()
  set:add { name = "t", events = { "Death" }, conditions = { function() host.ms = host.ms + 2 return false end } }
  for _ = 1, limits.sample * 3 do set:dispatch(stand.death()) end
  assert(math.abs(set:report("t").condition_us - 2000) < 1)
end

return T
