-- Overlays: who gets which state, and when.

local equal = require("lib.testing").equal
local history = require "history"
local limits = require "limits"
local runs = require "runs"
local stand = require "spec.kit.stand"
local views = require "views"

local T = {}

local function made()
  local stage = { clock = stand.clock(), rooms = {}, look = "" }
  stage.runs = runs.new {
    kept = {}, now = stage.clock.now,
    make = function(strings)
      local text = strings.boonData .. stage.look
      return { text = text, count = 1, etag = text }
    end,
  }
  stage.history = history.new {}
  stage.options = {
    kept = {}, history = stage.history, runs = stage.runs, now = stage.clock.now,
    parts = function(text) return { "*1*0*1*" .. text } end,
    room = function(name)
      stage.rooms[name] = stage.rooms[name] or stand.socket()
      return stage.rooms[name]
    end,
  }
  stage.views = views.new(stage.options)
  function stage.set(channel, text)
    local run = stage.runs:put(channel, { boonData = text })
    stage.history:add(channel, run)
    stage.views:changed(channel)
  end
  function stage.open(channel, delay)
    local conn = stand.socket()
    conn.problem = stage.views:open(conn, channel, delay)
    return conn
  end
  -- Time that goes by as the package sees it.
  function stage.pass(ms)
    local left = ms
    while left > 0 do
      local step = math.min(left, 50)
      stage.clock.pass(step)
      stage.views:tick()
      left = left - step
    end
  end
  function stage.seen(name)
    local texts = {}
    for index, part in ipairs(stage.rooms[name].sent) do texts[index] = part:match "%*1%*0%*1%*(.*)" end
    return texts
  end
  return stage
end

function T.who_comes_sees_the_last_state_and_then_every_new_one()
  local stage = made()
  stage.set("a", "one")
  local conn = stage.open("a", 0)
  equal(conn.sent, { "*1*0*1*one" })
  equal(stage.rooms["a 0"].members[1], conn)
  stage.pass(limits.overlay_ms)
  stage.set("a", "two")
  equal(stage.seen "a 0", { "two" })
  stage.set("b", "other")
  stage.pass(1000)
  equal(stage.seen "a 0", { "two" })
end

function T.before_the_first_state_nothing_comes()
  local stage = made()
  equal(stage.open("a", 0).sent, {})
  stage.set("a", "one")
  equal(stage.seen "a 0", { "one" })
end

function T.a_flood_is_thinned_out_and_ends_with_the_newest()
  local stage = made()
  stage.open("a", 0)
  for n = 1, 100 do
    stage.set("a", "state " .. n)
    stage.pass(10)
  end
  stage.pass(limits.overlay_ms)
  local seen = stage.seen "a 0"
  assert(#seen <= 1000 // limits.overlay_ms + 2, #seen)
  equal(seen[#seen], "state 100")
end

function T.a_delay_is_held_here()
  local stage = made()
  stage.open("a", 0)
  stage.open("a", 30)
  stage.set("a", "one")
  stage.pass(10000)
  stage.set("a", "two")
  stage.pass(19900)
  equal(stage.seen "a 30", {})
  stage.pass(200)
  equal(stage.seen "a 30", { "one" })
  stage.pass(10000)
  equal(stage.seen "a 30", { "one", "two" })
  equal(stage.seen "a 0", { "one", "two" })
end

function T.who_comes_back_with_a_delay_sees_what_is_old_enough()
  local stage = made()
  stage.open("a", 20)
  stage.set("a", "one")
  stage.pass(15000)
  stage.set("a", "two")
  stage.pass(10000)
  equal(stage.open("a", 20).sent, { "*1*0*1*one" })
  equal(stage.open("a", 600).sent, {})
end

function T.a_state_that_is_old_enough_by_itself_needs_no_history()
  local stage = made()
  stage.set("a", "one")
  stage.pass(30000)
  equal(stage.open("a", 29).sent, { "*1*0*1*one" })
  equal(stage.open("a", 31).sent, {})
end

function T.delays_are_whole_seconds_and_rather_too_long()
  equal({ views.delay(nil), views.delay "", views.delay "0", views.delay "12" }, { 0, 0, 0, 12 })
  equal({ views.delay "1.2", views.delay "600" }, { 2, 600 })
  for _, text in ipairs { "-1", "601", "x", "nan", "inf", "1e9", "-0.5" } do equal(views.delay(text), nil) end
end

function T.after_a_change_of_the_looks_only_what_looks_different_is_sent_again()
  local stage = made()
  stage.set("a", "one")
  stage.open("a", 0)
  stage.pass(200)
  local after = views.new(stage.options)
  stage.views = after
  after:redraw()
  stage.runs.outputs = {}
  stage.pass(200)
  equal(stage.rooms["a 0"].sent, {})
  stage.look, stage.runs.outputs = " in new words", {}
  after:redraw()
  stage.pass(200)
  equal(stage.seen "a 0", { "one in new words" })
  stage.pass(1000)
  equal(#stage.seen "a 0", 1)
end

function T.many_are_redrawn_a_few_at_a_time()
  local stage = made()
  for n = 1, limits.redrawn_per_tick * 2 + 1 do
    stage.set("c" .. n, "one")
    stage.open("c" .. n, 0)
  end
  stage.pass(limits.overlay_ms)
  stage.look, stage.runs.outputs = "!", {}
  stage.views:redraw()
  local counts = {}
  for look = 1, 3 do
    stage.views:tick()
    local count = 0
    for _, room in pairs(stage.rooms) do count = count + #room.sent end
    counts[look] = count
  end
  equal(counts, { limits.redrawn_per_tick, limits.redrawn_per_tick * 2, limits.redrawn_per_tick * 2 + 1 })
end

function T.who_leaves_is_counted_off()
  local stage = made()
  local first, second = stage.open("a", 0), stage.open("a", 5)
  equal({ stage.views.kept.count, stage.views.kept.by_channel.a }, { 2, 2 })
  equal(#stage.views:groups_of "a", 2)
  stage.views:close(first.data)
  stage.views:close(second.data)
  equal({ stage.views.kept.count, stage.views.kept.by_channel.a, next(stage.views.kept.groups) }, { 0 })
end

function T.there_are_not_more_than_there_may_be()
  local of_channel, all = limits.viewers_of_channel, limits.viewers
  limits.viewers_of_channel, limits.viewers = 2, 3
  local stage = made()
  stage.open("a", 0)
  stage.open("a", 0)
  equal(stage.open("a", 1).problem, "too many overlays of this channel")
  equal(stage.open("b", 0).problem, nil)
  equal(stage.open("c", 0).problem, "too many overlays")
  limits.viewers_of_channel, limits.viewers = of_channel, all
end

function T.states_are_kept_while_somebody_waits_for_them()
  local stage = made()
  local conn = stage.open("a", 60)
  for _ = 1, 30 do
    stage.clock.pass(60000)
    stage.views:sweep()
  end
  assert(stage.history.kept.channels.a)
  stage.views:close(conn.data)
  stage.clock.pass(limits.history_ms + 1)
  stage.views:sweep()
  equal(stage.history.kept.channels.a, nil)
end

return T
