-- What is sent when, against a socket that only notes it.

local connection = require "connection"
local equal = require("lib.testing").equal
local silence = require "silence"

local T = {}

local function wanted(events, worlds, characters)
  return { events = events, worlds = worlds or {}, characters = characters or {} }
end

local DEATH = '{"action":"subscribe","eventNames":["Death"],"service":"event","characters":["all"],"worlds":["all"]}'
local RANK = DEATH:gsub("Death", "BattleRankUp")
local PROBE = '{"action":"subscribe","service":"event"}'

-- A connection and what the spec looks at and moves.
local function new(settings)
  local host = { ms = 1000000, sent = {}, calls = {}, wanted = {}, busy = false }
  local given = {
    offline = false, heartbeat_s = 90, verify_s = 30, resubscribe_s = 3600, silence_s = { Death = 30 },
  }
  for key, value in pairs(settings or {}) do given[key] = value end
  local kept = {}
  local stream = connection.new {
    kept = kept, silence = silence.new {}, settings = given,
    now = function() return host.ms end,
    wanted = function() return host.wanted end,
    stream = {
      open = function() host.calls[#host.calls + 1] = "open" end,
      close = function() host.calls[#host.calls + 1] = "close" end,
      status = function() return { state = host.state } end,
      send = function(_, text)
        if host.busy then return nil, "busy" end
        host.sent[#host.sent + 1] = text
        return true
      end,
    },
  }
  host.kept = kept
  --- What was sent since the last time.
  function host.take()
    local sent = host.sent
    host.sent = {}
    return sent
  end
  --- Some seconds go by, with heartbeats.
  function host.pass(seconds)
    for _ = 1, seconds do
      host.ms = host.ms + 1000
      kept.heard_at = host.ms
      stream:tick()
    end
  end
  return stream, host
end

local function opened(settings, ...)
  local stream, host = new(settings)
  host.wanted = { ... }
  stream:sync()
  stream:opened(1)
  host.take()
  host.calls = {}
  return stream, host
end

local ALL = {
  characters = { "all" }, eventNames = { "Death" }, worlds = { "all" }, logicalAndCharactersWithWorlds = false,
}

function T.nothing_is_opened_without_triggers()
  local stream, host = new()
  stream:sync()
  stream:tick()
  equal(host.calls, {})
end

function T.opened_with_the_first_trigger_and_closed_with_the_last()
  local stream, host = new()
  host.wanted = { wanted { "Death" } }
  stream:sync()
  equal(host.calls, { "open" })
  stream:opened(1)
  equal(host.take(), { DEATH })
  host.wanted = {}
  stream:sync()
  equal(host.calls, { "open", "close" })
  equal(stream:is_open(), false)
end

function T.the_last_trigger_may_leave_the_connection()
  local stream, host = opened({}, wanted { "Death" })
  host.wanted = {}
  stream:sync(true)
  equal({ #host.calls, stream:is_open() }, { 0, true })
end

function T.only_the_difference_is_sent()
  local stream, host = opened({}, wanted { "Death" }, wanted({ "MetagameEvent" }, { "17" }))
  host.wanted = { wanted { "BattleRankUp" }, wanted { "Death" } }
  stream:sync()
  equal(host.take(), {
    RANK, '{"service":"event","action":"clearSubscribe","eventNames":["MetagameEvent"]}',
    '{"service":"event","action":"clearSubscribe","worlds":["17"]}',
  })
  stream:sync()
  equal(host.take(), {})
end

function T.everything_again_after_a_reconnect_in_the_order_of_registration()
  local stream, host = opened({}, wanted { "Death" }, wanted { "BattleRankUp" })
  stream:closed(1, 1006, "")
  equal(#host.take(), 0)
  stream:opened(2)
  equal(host.take(), { DEATH, RANK })
  equal(#host.kept.down.list, 1)
end

function T.a_busy_socket_gets_the_rest_later()
  local stream, host = opened({}, wanted { "Death" })
  host.busy = true
  host.wanted = { wanted { "Death" }, wanted { "BattleRankUp" } }
  stream:sync()
  equal(host.take(), {})
  host.busy = false
  stream:tick()
  equal(host.take(), { RANK })
end

function T.an_altered_subscription_is_told_and_asked_for_again()
  local stream, host = opened({}, wanted { "Death" })
  stream:echo { characterCount = 0, eventNames = {}, worlds = { "17" }, logicalAndCharactersWithWorlds = false }
  equal(host.take(), { DEATH })
  equal(host.kept.notes[#host.kept.notes].fields.difference,
    "eventNames lacks Death; characters lacks all, 0 are counted")
  stream:echo(ALL)
  equal({ #host.take(), host.kept.altered }, { 0, nil })
end

function T.the_service_is_asked_every_thirty_seconds_what_it_thinks()
  local stream, host = opened({}, wanted { "Death" })
  stream:echo(ALL)
  host.pass(29)
  equal(host.take(), {})
  host.pass(1)
  equal(host.take(), { PROBE })
  -- It disagrees for as long as it likes: asked again with each answer, not with each echo.
  local altered = { characters = { "all" }, eventNames = {}, worlds = {} }
  stream:echo(altered)
  equal(host.take(), { DEATH })
  stream:echo(altered)
  equal(host.take(), {})
  host.pass(30)
  equal(host.take(), { PROBE })
  stream:echo(altered)
  equal(host.take(), { DEATH })
  equal(host.kept.counts.altered, 2)
end

function T.the_flag_of_a_subscription_that_was_taken_back_may_stay_at_the_service()
  for _, flag in ipairs { true, false } do
    local stream, host = opened({}, wanted { "BattleRankUp" }, wanted({ "Death" }, { "17" }))
    local both = {
      characters = { "all" }, eventNames = { "BattleRankUp", "Death" }, worlds = { "all", "17" },
      logicalAndCharactersWithWorlds = true,
    }
    for _ = 1, 2 do stream:echo(both) end
    host.wanted = { wanted { "BattleRankUp" } }
    stream:sync()
    local echo = {
      characters = { "all" }, eventNames = { "BattleRankUp" }, worlds = { "all" },
      logicalAndCharactersWithWorlds = flag,
    }
    for _ = 1, #host.take() do stream:echo(echo) end
    equal({ host.kept.counts.altered, host.kept.altered, host.kept.echoed_at }, { 0, nil, host.ms })
    -- On a new connection nothing is left of it.
    stream:closed(1, 1006, "")
    stream:opened(2)
    echo.logicalAndCharactersWithWorlds = true
    stream:echo(echo)
    equal(host.kept.altered.words, "logicalAndCharactersWithWorlds is true instead of false")
  end
end

function T.a_flag_that_every_subscription_had_is_still_expected()
  local stream, host = opened({}, wanted({ "Death" }, { "17" }), wanted({ "BattleRankUp" }, { "17" }))
  host.wanted = { wanted({ "Death" }, { "17" }) }
  stream:sync()
  local echo = {
    characters = { "all" }, eventNames = { "Death" }, worlds = { "17" }, logicalAndCharactersWithWorlds = false,
  }
  for _ = 1, 3 do stream:echo(echo) end
  equal(host.kept.altered.words, "logicalAndCharactersWithWorlds is false instead of true")
end

function T.a_service_that_agrees_with_every_other_echo_only_is_not_answered_each_time()
  local stream, host = opened({}, wanted { "Death" })
  local altered = { characters = { "all" }, eventNames = {}, worlds = { "all" } }
  for _ = 1, 100 do
    stream:echo(altered)
    stream:echo(ALL)
  end
  equal({ #host.take(), host.kept.counts.altered }, { 1, 1 })
  host.pass(10)
  stream:echo(altered)
  equal(#host.take(), 1)
end

function T.long_names_of_the_service_are_not_kept()
  local stream, host = opened({}, wanted { "Death" })
  stream:echo { characters = { "all" }, eventNames = { "Death", ("é"):rep(100000) }, worlds = { "all" } }
  assert(#host.kept.altered.words < 300, #host.kept.altered.words)
  assert(utf8.len(host.kept.altered.words))
  for id = 1, 1000 do stream:state { name = "W" .. id, id = id, online = true } end
  local count = 0
  for _ in pairs(host.kept.endpoints) do count = count + 1 end
  equal(count, 64)
end

function T.a_socket_of_which_nothing_is_known_is_made_anew()
  local stream, host = new()
  host.wanted = { wanted { "Death" } }
  stream:adopt()
  equal(host.calls, {})
  host.state = "open"
  stream:adopt()
  stream:sync()
  equal(host.calls, { "close", "open" })
  stream:opened(2)
  equal(host.take(), { DEATH })
  stream:adopt()
  equal(#host.calls, 2)
end

function T.no_answer_to_the_question_is_a_difference_too()
  local _, host = opened({}, wanted { "Death" })
  host.pass(60)
  equal(host.take(), { PROBE, DEATH, PROBE })
end

function T.only_the_last_of_several_echoes_is_compared()
  local stream, host = opened({}, wanted { "Death" }, wanted { "BattleRankUp" })
  stream:echo(ALL)
  equal(host.take(), {})
  stream:echo {
    characters = { "all" }, eventNames = { "BattleRankUp", "Death" }, worlds = { "all" },
    logicalAndCharactersWithWorlds = false,
  }
  equal({ #host.take(), host.kept.altered }, { 0, nil })
end

function T.without_a_heartbeat_the_socket_is_made_anew()
  local stream, host = opened({}, wanted { "Death" })
  host.ms = host.ms + 89999
  stream:tick()
  equal(host.calls, {})
  host.ms = host.ms + 1
  stream:tick()
  equal(host.calls, { "close", "open" })
  equal(host.kept.down.list[1].reason, "no heartbeat for 90 s")
  -- The end of the one that was given up is no news.
  stream:opened(2)
  stream:closed(1, 1000, "")
  equal(stream:is_open(), true)
end

function T.a_silent_world_is_subscribed_again_and_a_resting_one_is_not()
  local stream, host = opened({ verify_s = 0 }, wanted { "Death" })
  stream:heartbeat {
    Emerald = { name = "Emerald", id = 17, online = true }, Jaeger = { name = "Jaeger", id = 19, online = false },
  }
  for _ = 1, 35 do
    host.pass(1)
    if host.ms < 1020000 then stream:heard(17, "Death") end
  end
  equal(host.take(), {})
  host.pass(20)
  equal(host.take(), { DEATH })
  equal(host.kept.notes[#host.kept.notes].fields.world, "Emerald")
  stream:heard(17, "Death")
  host.pass(1)
  equal(host.kept.notes[#host.kept.notes].message, "a world is heard again")
end

function T.triggers_for_some_characters_say_nothing_about_silence()
  local stream, host = opened({ verify_s = 0 }, wanted({ "Death" }, {}, { "5" }))
  stream:heartbeat { Emerald = { name = "Emerald", id = 17, online = true } }
  host.pass(120)
  equal(host.take(), {})
end

function T.everything_is_subscribed_anew_from_time_to_time()
  local _, host = opened({ verify_s = 0, resubscribe_s = 60, silence_s = {} }, wanted { "Death" })
  host.pass(59)
  equal(host.take(), {})
  host.pass(1)
  equal(host.take(), { DEATH })
  host.pass(60)
  equal(host.take(), { DEATH })
end

function T.zero_seconds_are_never()
  local _, host = opened({ verify_s = 0, resubscribe_s = 0, silence_s = {} }, wanted { "Death" })
  host.pass(4000)
  equal(host.take(), {})
end

function T.downtime_is_one_from_the_loss_to_the_next_connection()
  local stream, host = opened({}, wanted { "Death" })
  stream:closed(1, 1006, "")
  host.ms = host.ms + 2000
  stream:failed({ code = "refused", message = "x", status = 500 }, 3)
  host.ms = host.ms + 3000
  stream:opened(2)
  equal({ host.kept.down.count, host.kept.down.total_ms, host.kept.down.list[1].reason }, { 1, 5000, "refused 500" })
end

function T.what_a_script_closed_stays_closed_through_a_reload_until_a_trigger_is_added()
  local stream, host = opened({}, wanted { "Death" })
  stream:disconnect("a script wants it so", true)
  stream:disconnect("a script wants it so", true)
  stream:sync()
  equal(host.calls, { "close" })
  stream:resume()
  stream:sync()
  equal(host.calls, { "close", "open" })
end

function T.offline_means_no_connection()
  local stream, host = new { offline = true }
  host.wanted = { wanted { "Death" } }
  stream:sync()
  stream:tick()
  equal(host.calls, {})
end

return T
