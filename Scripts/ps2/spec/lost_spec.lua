-- Events in whose test a condition took too long have come all the same.

local core = require "core"
local equal = require("lib.testing").equal
local intake = require "intake"
local ps2 = require "ps2"
require "spec.kit.stand"

local T = {}

local DEATH = '{"payload":{"attacker_character_id":"1","attacker_fire_mode_id":"2","attacker_loadout_id":"1",'
  .. '"attacker_vehicle_id":"0","attacker_weapon_id":"3","character_id":"4","character_loadout_id":"5",'
  .. '"event_name":"Death","is_critical":"0","is_headshot":"0","timestamp":"%d","world_id":"17","zone_id":"8"},'
  .. '"service":"event","type":"serviceMessage"}'

function T.they_count_and_break_the_silence()
  -- A condition that yields and is left alone stands for one that was ended.
  core.set.enter = function(gate) return gate[1] end
  ps2.trigger { name = "loop", events = { "Death" }, conditions = { function() coroutine.yield() end } }
  local events, seq = core.counts.events, core.recent.kept.seq
  local heard = 0
  local real = core.connection.heard
  core.connection.heard = function(_, world, name)
    equal({ world, name }, { 17, "Death" })
    heard = heard + 1
  end
  for time = 1, 3 do
    local handler = coroutine.create(function() intake.take(DEATH:format(time)) end)
    assert(coroutine.resume(handler))
    assert(coroutine.status(handler) == "suspended")
  end
  -- The next message finds the condition not asked any more.
  equal(intake.take(DEATH:format(4)), 0)
  core.connection.heard = real
  equal({ core.counts.events - events, core.recent.kept.seq - seq, heard }, { 4, 4, 4 })
  local first = core.recent:since(seq)[1]
  equal({ first.text, first.fired, first.why }, { DEATH:format(1), 0, 'condition 1 of "loop" took too long' })
  equal(core.set:report("loop").unasked, 1)
  ps2.remove_trigger("loop")
end

return T
