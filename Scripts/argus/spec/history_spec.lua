-- States that delayed overlays wait for.

local equal = require("lib.testing").equal
local history = require "history"
local limits = require "limits"

local T = {}

local function run(at, text) return { at = at, seq = at, strings = { boonData = text or tostring(at) } } end

local function text_at(book, time)
  local found = book:at("a", time)
  return found and found.strings.boonData
end

function T.only_what_somebody_wants_is_kept()
  local book = history.new {}
  book:add("a", run(1000))
  equal(book:at("a", 5000), nil)
  book:want("a", run(1000, "last"), 2000)
  equal(text_at(book, 1000), "last")
  equal(text_at(book, 999), nil)
end

function T.the_newest_that_is_old_enough()
  local book = history.new {}
  book:want("a", nil, 0)
  for _, at in ipairs { 1000, 5000, 9000 } do book:add("a", run(at)) end
  equal({ text_at(book, 4999), text_at(book, 5000), text_at(book, 8000), text_at(book, 20000) }, {
    "1000", "5000", "5000", "9000",
  })
end

function T.one_a_second_is_kept_the_last_of_it()
  local book = history.new {}
  book:want("a", nil, 0)
  for _, at in ipairs { 1000, 1400, 1999, 2000 } do book:add("a", run(at)) end
  equal(text_at(book, 1999), "1999")
  equal(text_at(book, 1500), nil, "nothing is seen before its time")
  equal(#book.kept.channels.a.states, 2)
end

function T.of_very_many_every_second_of_the_older_ones_goes()
  local book = history.new {}
  book:want("a", nil, 0)
  for second = 1, limits.history_states * 3 do
    book:add("a", run(second * 1000))
    assert(#book.kept.channels.a.states <= limits.history_states)
  end
  local newest = limits.history_states * 3000
  for back = 0, 50 do
    equal(text_at(book, newest - back * 1000), tostring(newest - back * 1000))
  end
  -- Whatever the delay: never too early.
  for back = 0, 500000, 7000 do
    local found = book:at("a", newest - back)
    assert(found == nil or found.at <= newest - back)
  end
end

function T.all_of_them_have_a_bound_and_are_counted_right()
  local kept = limits.history_bytes
  limits.history_bytes = 50000
  local book = history.new {}
  book:want("a", nil, 0)
  book:want("b", nil, 0)
  for second = 1, 200 do
    book:add("a", run(second * 1000, ("x"):rep(1000)))
    book:add("b", run(second * 1000, ("x"):rep(10)))
    assert(book.kept.bytes <= limits.history_bytes)
  end
  limits.history_bytes = kept
  local bytes = 0
  for _, channel in pairs(book.kept.channels) do
    for _, one in ipairs(channel.states) do bytes = bytes + 400 + #one.strings.boonData end
  end
  equal(book.kept.bytes, bytes)
end

function T.what_nobody_can_wait_for_goes()
  local book = history.new {}
  book:want("a", nil, 0)
  book:add("a", run(1000))
  book:add("a", run(400000))
  book:sweep(1000 + limits.delay_seconds * 1000 + limits.run_ms)
  equal(book.kept.channels.a, nil, "and nobody has wanted it for long")
  equal(book.kept.bytes, 0)
  book:want("a", nil, 0)
  book:add("a", run(1000))
  book:sweep(limits.history_ms)
  equal(#book.kept.channels.a.states, 1)
end

return T
