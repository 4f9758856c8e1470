-- What the page gets: always an answer that can be sent, however much there is to tell.

local core = require "core"
local equal = require("lib.testing").equal
local intake = require "intake"
local limits = require "limits"
local nightjar = require "nightjar"
local ps2 = require "ps2"
local snapshot = require "snapshot"
require "spec.kit.stand"

local T = {}

-- What JSON may be at most; a longer answer is refused.
local JSON_BYTES = 1 << 20

local function rank(number, more)
  return nightjar.json.encode {
    payload = {
      event_name = "BattleRankUp", battle_rank = tostring(number), character_id = "5", timestamp = "1", world_id = "17",
      zone_id = "2", more = more,
    },
    service = "event", type = "serviceMessage",
  }
end

local function fits(answer)
  local bytes = #nightjar.json.encode(answer)
  assert(bytes < JSON_BYTES, bytes)
  return answer
end

local function remove_all() for _, trigger in ipairs(ps2.triggers()) do ps2.remove_trigger(trigger) end end

function T.many_triggers_with_long_kept_events_are_shown_page_by_page()
  for index = 1, 250 do
    ps2.trigger {
      name = ("t%03d "):format(index) .. ("n"):rep(index == 1 and 5000 or 20), events = { "BattleRankUp" },
      worlds = { 17 }, where = { battle_rank = { min = 2 }, zone_id = 2, character_id = 5 }, conditions = { false },
    }
  end
  for number = 1, 2 do intake.take(rank(number, ('"'):rep(700))) end
  local first = fits(snapshot.all {})
  equal({ first.triggers_all, first.triggers_found, first.triggers_from, #first.triggers, #first.triggers[1].name },
    { 250, 250, 0, limits.page_triggers, limits.page_name_bytes })
  equal({ first.triggers[2].seen, first.triggers[2].last_failed, first.trigger }, { 2, nil, nil })
  equal(first.triggers[2].rejected, { { test = "where.battle_rank", count = 1 }, { test = "condition 1", count = 1 } })
  local second = fits(snapshot.all { from = limits.page_triggers })
  equal({ #second.triggers, second.triggers[1].name:sub(1, 4), second.triggers_from }, { 50, "t201", 200 })
  equal(snapshot.all({ from = 100000 }).triggers_from, limits.page_triggers)
  local found = fits(snapshot.all { find = "T24" })
  equal({ found.triggers_found, #found.triggers, found.triggers_all }, { 10, 10, 250 })
  for _, name in ipairs { first.triggers[1].name, first.triggers[2].name } do
    local one = fits(snapshot.all { trigger = name }).trigger
    equal({ one.name, #one.last_failed, one.last_failed[1].test }, { name, 2, "where.battle_rank" })
    assert(one.last_failed[1].text == rank(1, ('"'):rep(700)))
  end
  remove_all()
end

function T.events_that_are_too_long_for_one_answer_come_with_the_next()
  ps2.trigger { name = "odd", events = { "Odd" }, action = function() end }
  local function odd(number)
    return ('{"payload":{"event_name":"Odd","number":"%d","more":"%s"},"service":"event","type":"serviceMessage"}')
      :format(number, ("\\\\"):rep(2000))
  end
  for number = 1, limits.recent_events do intake.take(odd(number)) end
  for number = 1, limits.pinned_events do core.recent:pin(odd(number), 1) end
  for _ = 1, limits.printed_lines do core.recent:print(("\1"):rep(500), 1) end
  for _ = 1, limits.notes do core.connection:note("odd", { text = ("\1"):rep(5000) }) end
  local seq, answers, count = core.recent.kept.seq - limits.recent_events, 0, 0
  repeat
    local all = fits(snapshot.all { after = seq, trigger = "odd" })
    assert(#all.recent > 0 and all.recent[1].seq == seq + 1)
    seq, answers, count = all.recent[#all.recent].seq, answers + 1, count + #all.recent
  until seq == all.latest
  assert(answers > 1 and count == limits.recent_events, answers)
  local pinned = #core.recent.pinned.list
  assert(pinned > 5 and pinned < limits.pinned_events, pinned)
  for index = pinned, 1, -1 do core.recent:unpin(core.recent.pinned.list[index].id) end
  remove_all()
end

function T.many_subscriptions_are_counted_and_the_first_are_shown()
  local sent = {}
  for index = 1, 1000 do
    sent[index] = { text = ("x"):rep(3000), wanted = { events = {}, characters = {}, worlds = {} } }
  end
  local before = core.connection.kept.sent
  core.connection.kept.sent = sent
  local connection = fits(snapshot.all {}).connection
  equal({ connection.subscribed, #connection.subscriptions > 50 }, { 1000, true })
  core.connection.kept.sent = before
end

return T
