-- Waiting while a recording is replayed: by its time.

local clock = require "clock"
local core = require "core"
local equal = require("lib.testing").equal
local ps2 = require "ps2"
local recorder = require "recorder"
local stand = require "spec.kit.stand"

local turns = {}
local held = false
ps2.every("minute", 60, function()
  turns[#turns + 1] = ps2.now()
  if held then ps2.sleep(150) end
end)

local T = {}

-- A line of a recording, so many seconds after the beginning.
local function at(second, event)
  local fields = event == "Death" and '"attacker_character_id":"1","attacker_fire_mode_id":"1",'
    .. '"attacker_loadout_id":"1",'
    .. '"attacker_vehicle_id":"0","attacker_weapon_id":"1","character_loadout_id":"1","is_headshot":"0",'
    or '"battle_rank":"7",'
  return ('{"at":%d,"message":{"payload":{"event_name":"%s","character_id":"5",%s"timestamp":"%d","world_id":"17",'
    .. '"zone_id":"8"},"service":"event","type":"serviceMessage"}}\n')
    :format(1800000000000 + second * 1000, event, fields, 1800000000 + second)
end

local function seconds(time) return time - 1800000000000 end

function T.a_wait_for_an_event_ends_by_the_recorded_time()
  local said = {}
  local trigger = ps2.trigger {
    events = { "Death" },
    action = function()
      local event, code = ps2.wait_for({ events = { "BattleRankUp" } }, 30)
      said[#said + 1] = { event and event.battle_rank or code, seconds(ps2.now()) }
    end,
  }
  stand.play(at(0, "Death") .. at(600, "BattleRankUp"))
  equal(said, { { "timeout", 30000 } })
  stand.play(at(1000, "Death") .. at(1030, "BattleRankUp"))
  equal(said[2], { "timeout", 1030000 })
  stand.play(at(2000, "Death") .. at(2029, "BattleRankUp"))
  equal({ said[3], #said, #core.set:list() }, { { 7, 2029000 }, 3, 1 })
  ps2.remove_trigger(trigger)
end

function T.a_sleep_does_too_and_what_is_due_first_ends_first()
  local said = {}
  local trigger = ps2.trigger {
    events = { "Death" },
    action = function(event)
      for n = 1, 3 do
        ps2.sleep(10)
        said[#said + 1] = ("%d.%d at %d"):format(event.timestamp - 1800010000, n, seconds(ps2.now()) - 10000000)
      end
    end,
  }
  stand.play(at(10000, "Death") .. at(10005, "Death") .. at(10025, "BattleRankUp"))
  equal(said, { "0.1 at 10000", "5.1 at 15000", "0.2 at 20000", "5.2 at 25000" })
  stand.play(at(10100, "BattleRankUp"))
  equal({ #said, said[5], said[6] }, { 6, "0.3 at 30000", "5.3 at 35000" })
  ps2.remove_trigger(trigger)
end

function T.who_waits_without_a_limit_costs_a_long_gap_nothing()
  local code
  stand.play(at(15000, "BattleRankUp"))
  local waiting = coroutine.create(function() code = select(2, clock.wait("long", 10, math.huge)) end)
  local timed = coroutine.create(function() code = select(2, clock.wait("timed", 10, 25)) end)
  for _, task in ipairs { waiting, timed } do assert(coroutine.resume(task)) end
  local steps = {}
  clock.advance(clock.now() + 24000, function() steps[#steps + 1] = clock.now() end)
  equal({ #steps, code }, { 0, nil })
  clock.advance(clock.now() + 1000, function() steps[#steps + 1] = clock.now() end)
  assert(coroutine.resume(timed))
  equal({ #steps, code, coroutine.status(waiting) }, { 1, "over", "suspended" })
  clock.notify("long")
  assert(coroutine.resume(waiting))
  equal({ code, coroutine.status(waiting) }, { nil, "dead" })
end

function T.timers_have_their_turns_and_few_of_a_long_gap()
  stand.play(at(20000, "BattleRankUp"))
  turns = {}
  local before = clock.now()
  stand.play(at(20000 + 130, "BattleRankUp"))
  equal(#turns, 2)
  assert(turns[1] > before and turns[1] - before <= 60000 and turns[2] == turns[1] + 60000, turns[1])
  turns = {}
  stand.play(at(40000000, "BattleRankUp"))
  local limit = require("limits").replay_turns
  equal({ #turns, turns[limit] > 1800000000000 + 40000000 * 1000 - 60000 }, { limit, true })
  -- A turn that still waits is not begun a second time.
  turns, held = {}, true
  stand.play(at(40000000 + 300, "BattleRankUp"))
  held = false
  stand.play(at(40000000 + 600, "BattleRankUp"))
  assert(turns[2] - turns[1] == 180000, turns[2] - turns[1])
end

function T.a_recording_whose_time_goes_back_goes_on()
  turns = {}
  stand.play(at(100, "BattleRankUp") .. at(170, "BattleRankUp"))
  equal({ seconds(turns[#turns]), seconds(ps2.now()) }, { 160000, 170000 })
end

function T.the_recording_is_the_stream_to_who_waits_for_it()
  equal({ ps2.wait_ready(), clock.is_replayed() }, { true, true })
end

function T.what_takes_real_seconds_has_patience_once()
  local sleep, slept = clock.host.sleep, 0
  clock.host.sleep = function(pause) slept = slept + pause end
  local function stuck(second, name)
    local trigger = ps2.trigger { name = name, events = { "Death" }, action = function() coroutine.yield() end }
    slept = 0
    for n = 1, 2 do
      assert(recorder.play((at(second + n, "Death"):gsub("\n", "")), function()
        pcall(stand.run)
        recorder.wait_for_actions()
      end))
    end
    ps2.remove_trigger(trigger)
    return math.floor(slept * 100 + 0.5) / 100
  end
  equal({ stuck(50000000, "one"), stuck(50000010, "other") }, { 5.02, 5.02 })
  clock.host.sleep = sleep
  stand.run()
end

function T.without_seconds_it_says_so()
  for _, call in ipairs { { ps2.sleep }, { ps2.every, "x", 5 } } do
    local ok, problem = pcall(function() call[1](table.unpack(call, 2)) end)
    assert(not ok and problem:find("clock_spec.lua:%d+: .* expected"), problem)
  end
end

return T
