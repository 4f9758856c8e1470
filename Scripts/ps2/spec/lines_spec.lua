-- What `nightjar triggers` prints.

local core = require "core"
local equal = require("lib.testing").equal
local intake = require "intake"
local lines = require "lines"
local ps2 = require "ps2"
require "spec.kit.stand"

local T = {}

local function rank(number, world)
  return ('{"payload":{"event_name":"BattleRankUp","battle_rank":"%d","character_id":"5","timestamp":"1788120000",'
    .. '"world_id":"%d","zone_id":"8"},"service":"event","type":"serviceMessage"}'):format(number, world)
end

local function has(list, text)
  for _, line in ipairs(list) do
    if line:find(text, 1, true) then return true end
  end
  return false
end

local function given()
  ps2.trigger { name = "ranks", events = { "BattleRankUp" }, worlds = { 17 }, where = { battle_rank = { min = 50 } },
    action = function() error("an action ran") end }
  for _, event in ipairs { rank(60, 17), rank(7, 17), rank(8, 17), rank(99, 1) } do intake.take(event) end
end

function T.a_trigger_shows_the_last_that_fired_and_the_last_that_failed_at_each_test()
  given()
  local said = lines.answer({ name = "ranks" }).lines
  for _, text in ipairs {
    "seen 4, fired 1", "rejected by: worlds 1, where.battle_rank 2", "the last that fired, ", rank(60, 17),
    "the last that failed at worlds, ", rank(99, 1), "the last that failed at where.battle_rank, ", rank(8, 17),
    "  NO   battle_rank is 8; wanted is at least 50",
  } do assert(has(said, text), text) end
  assert(not has(said, rank(7, 17)), "an older one")
  ps2.remove_trigger("ranks")
end

function T.every_test_for_an_event_of_ones_own_without_running_the_action()
  given()
  local before = ps2.report("ranks")
  local said = lines.answer({ name = "ranks", event = rank(3, 17) }).lines
  equal(said, {
    "ranks: does not fire: battle_rank is 3; wanted is at least 50",
    "  yes  it is an event the trigger is for: BattleRankUp", "  yes  world_id is 17: one of the trigger's worlds",
    "  NO   battle_rank is 3; wanted is at least 50",
  })
  equal({ ps2.report("ranks").seen, ps2.report("ranks").started }, { before.seen, before.started })
  ps2.remove_trigger("ranks")
end

function T.the_connection_shows_worlds_silence_downtime_and_what_was_odd()
  local connection = core.connection
  connection:heartbeat { Emerald = { name = "Emerald", id = 17, online = true } }
  connection.silence:heard(17, "Death", 1)
  connection.silence.kept.stale = { ["17 Death"] = { world = 17, event = "Death", since = 1, tries = 1 } }
  connection.kept.down = { list = {}, total_ms = 61000, count = 2 }
  connection:note("the service has altered the subscription", { difference = "worlds lacks 17" }, true)
  local said = lines.answer({ log = true }).lines
  for _, text in ipairs {
    "Emerald  online", " h STALE", "down 2 times, 61 s in all",
    'the service has altered the subscription {"difference":"worlds lacks 17"}',
  } do assert(has(said, text), text) end
end

return T
