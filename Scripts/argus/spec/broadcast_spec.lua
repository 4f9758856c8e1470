-- What goes to Twitch, and when.

local broadcast = require "broadcast"
local equal = require("lib.testing").equal
local limits = require "limits"
local stand = require "spec.kit.stand"

local T = {}

-- A broadcast to a Twitch that answers when the spec runs its tasks.
local function made(changes)
  local stage = { clock = stand.clock(), tasks = stand.tasks(), sent = {}, warnings = {}, state = {} }
  local counted, counts = stand.counter()
  stage.counts = counts
  local options = {
    kept = { started = stage.clock.now() - 100000 }, now = stage.clock.now, counted = counted,
    output = function(channel)
      local state = stage.state[channel]
      return state and { text = state.text, count = state.count or 1 }
    end,
    parts = function(text)
      local count, parts = tonumber(text:match "x(%d+)$") or 1, {}
      for index = 1, count do parts[index] = text .. "/" .. index end
      return parts
    end,
    send = function(channel, part)
      stage.sent[#stage.sent + 1] = channel .. " " .. part
      stage.tasks.wait()
      return stage.answer or { ok = true }
    end,
    spawn = stage.tasks.spawn, is_stale = function() return stage.stale or false end,
    warn = function(message, fields) stage.warnings[#stage.warnings + 1] = { message, fields } end,
    wake = function() stage.woken = true end,
  }
  for name, value in pairs(changes or {}) do options[name] = value end
  stage.options = options
  stage.broadcast = broadcast.new(options)
  function stage.set(channel, text, count)
    stage.state[channel] = { text = text, count = count or 1 }
    stage.broadcast:changed(channel)
  end
  -- Lets all that is under way come to its end.
  function stage.settle() while stage.tasks.run() > 0 do end end
  return stage
end

function T.a_state_goes_at_once()
  local stage = made()
  stage.set("a", "one")
  stage.settle()
  equal(stage.sent, { "a one/1" })
  equal(stage.broadcast.kept.waiting, {})
  equal({ stage.counts.broadcasts, stage.counts.sent, stage.broadcast.under_way }, { 1, 1, 0 })
end

function T.the_parts_of_one_do_not_wait_for_each_other()
  local stage = made()
  stage.set("a", "big x3", 3)
  stage.tasks.run()
  equal(stage.sent, { "a big x3/1", "a big x3/2", "a big x3/3" })
  equal(stage.broadcast.under_way, 3)
  stage.settle()
  equal(stage.broadcast.under_way, 0)
end

function T.the_newest_waits_for_the_answer_and_those_between_are_left_out()
  local stage = made()
  stage.set("a", "one")
  stage.tasks.run()
  for _, text in ipairs { "two", "three", "four" } do stage.set("a", text) end
  equal(stage.sent, { "a one/1" })
  stage.settle()
  equal(stage.sent, { "a one/1", "a four/1" })
  equal(stage.counts.superseded, 2)
end

function T.an_answer_that_does_not_come_holds_up_the_newest_for_a_second()
  local stage = made()
  stage.set("a", "one")
  stage.tasks.run()
  stage.set("a", "two")
  stage.clock.pass(limits.order_ms - 1)
  stage.broadcast:tick()
  equal(#stage.tasks.list, 1)
  stage.clock.pass(1)
  stage.broadcast:tick()
  stage.tasks.run()
  equal(stage.sent, { "a one/1", "a two/1" })
end

-- A storm: twenty states a second of three parts each.
function T.in_a_storm_the_newest_is_on_its_way_within_its_parts_in_seconds()
  local stage = made()
  local theirs, at, longest, waiting_since = 100, stage.clock.time, 0, nil
  stage.options.send = function(_, part)
    local now = stage.clock.time
    theirs, at = math.min(100, theirs + (now - at) / 1000) - 1, now
    assert(theirs >= 0, "Twitch would have said 429")
    stage.sent[#stage.sent + 1] = part
    return { ok = true, remaining = math.floor(theirs) }
  end
  for step = 1, 20 * 42 do
    local before = #stage.sent
    stage.set("a", step .. " x3", 3)
    stage.broadcast:tick()
    stage.settle()
    if #stage.sent > before then
      equal(stage.sent[#stage.sent], step .. " x3/3", "the newest")
      waiting_since = nil
    else
      waiting_since = waiting_since or stage.clock.time
      longest = math.max(longest, stage.clock.time - waiting_since)
    end
    stage.clock.pass(50)
  end
  assert(longest <= 3200, longest .. " ms")
  assert(#stage.sent >= 3 * (33 + 12), "no faster than allowed, and no slower: " .. #stage.sent)
end

function T.a_failure_is_told_and_counted_and_never_tried_again()
  local stage = made()
  stage.answer = { ok = false, reason = "status 500: oh" }
  stage.set("a", "one")
  stage.settle()
  stage.clock.pass(60000)
  stage.broadcast:tick()
  stage.settle()
  equal(#stage.sent, 1)
  equal(stage.counts.failed, 1)
  equal(stage.warnings, { { "a message to Twitch failed", { channel = "a", reason = "status 500: oh" } } })
end

function T.what_twitch_says_is_left_is_believed()
  local stage = made()
  stage.answer = { ok = true, remaining = 0 }
  stage.set("a", "one")
  stage.settle()
  stage.set("a", "two")
  stage.clock.pass(1050)
  stage.broadcast:tick()
  equal(#stage.sent, 1)
  stage.clock.pass(50)
  stage.broadcast:tick()
  stage.settle()
  equal(#stage.sent, 2)
end

function T.who_is_told_that_it_was_too_much_waits()
  local stage = made()
  stage.answer = { ok = false, exhausted = true, reason = "status 429: " }
  stage.set("a", "one")
  stage.settle()
  stage.set("a", "two")
  stage.settle()
  equal(#stage.sent, 1)
end

function T.a_state_too_long_for_twitch_is_told_and_left()
  local stage = made()
  stage.set("a", "huge", limits.parts + 1)
  equal({ #stage.sent, stage.counts.failed, stage.warnings[1][1] }, { 0, 1, "a state is too long to be broadcast" })
  equal(stage.broadcast.kept.waiting, {})
end

function T.without_a_secret_nothing_is_sent_and_it_is_told_once()
  local stage = made()
  stage.answer = { ok = false, off = true, reason = "not signed: no_secret" }
  for _, text in ipairs { "one", "two" } do
    stage.set("a", text)
    stage.settle()
  end
  equal(#stage.sent, 1)
  equal(#stage.warnings, 1)
end

function T.no_more_is_under_way_than_the_host_takes()
  local stage = made()
  for n = 1, limits.parts_under_way + 5 do stage.set("c" .. n, "x") end
  stage.tasks.run()
  equal(#stage.sent, limits.parts_under_way)
  equal(#stage.broadcast:waiting(), 5)
  stage.tasks.run()
  stage.broadcast:tick()
  stage.settle()
  equal(#stage.sent, limits.parts_under_way + 5)
end

function T.what_waits_survives_a_reload_and_what_is_under_way_ends_where_it_began()
  local stage = made()
  stage.set("a", "one")
  stage.tasks.run()
  stage.set("a", "two")
  -- The new version has what was kept; the old one hears its answer, and leaves the rest alone.
  local after = broadcast.new(stage.options)
  stage.stale = true
  stage.settle()
  equal(stage.sent, { "a one/1" })
  stage.stale = false
  stage.clock.pass(limits.order_ms)
  after:tick()
  stage.settle()
  equal(stage.sent, { "a one/1", "a two/1" })
end

function T.a_state_that_is_gone_is_not_waited_for()
  local stage = made()
  stage.broadcast.kept.waiting.a = 1
  stage.broadcast:tick()
  equal(stage.broadcast.kept.waiting, {})
end

function T.who_has_to_wait_wakes_the_one_who_looks()
  local stage = made()
  stage.set("a", "one")
  equal({ stage.woken, stage.broadcast:has_waiting() }, { nil, false })
  -- Its answer is not there yet.
  stage.set("a", "two")
  equal({ stage.woken, stage.broadcast:has_waiting() }, { true, true })
end

return T
