-- The last state of every channel.

local equal = require("lib.testing").equal
local limits = require "limits"
local runs = require "runs"
local stand = require "spec.kit.stand"

local T = {}

local function made()
  local clock, calls = stand.clock(), {}
  local options = {
    kept = {}, now = clock.now,
    make = function(strings, channel)
      calls[#calls + 1] = channel .. " " .. strings.boonData
      if strings.boonData == "broken" then return nil end
      return { text = strings.boonData, count = 1, etag = '"' .. strings.boonData .. '"' }
    end,
  }
  return runs.new(options), clock, calls, options
end

function T.the_last_state_counts_and_is_made_once()
  local book, _, calls = made()
  book:put("a", { boonData = "one" })
  book:put("a", { boonData = "two" })
  equal(book:output("a").text, "two")
  equal(book:output("a").text, "two")
  equal(calls, { "a two" })
  equal(book:output "b", nil)
end

function T.after_ten_minutes_it_is_gone()
  local book, clock = made()
  book:put("a", { boonData = "one" })
  clock.pass(limits.run_ms - 1)
  book:put("b", { boonData = "one" })
  equal(book:channels(), { "a", "b" })
  clock.pass(1)
  equal({ book:get "a", book:channels() }, { nil, { "b" } })
  book:sweep()
  equal(book.kept.list.a, nil)
  assert(book.kept.list.b)
end

function T.what_could_not_be_made_is_tried_once_and_does_not_stay_in_the_way()
  local book, _, calls = made()
  book:put("a", { boonData = "broken" })
  equal((book:output "a"), nil)
  book:output "a"
  equal(#calls, 1)
  book:put("a", { boonData = "fine" })
  equal(book:output("a").text, "fine")
end

function T.strings_survive_a_reload_and_outputs_are_made_anew()
  local book, _, calls, options = made()
  book:put("a", { boonData = "one" })
  book:output "a"
  local after = runs.new(options)
  equal(after:output("a").text, "one")
  equal(#calls, 2)
  assert(after:put("a", { boonData = "two" }).seq == 2)
end

function T.the_channel_that_was_silent_for_longest_makes_room()
  local kept = limits.channels
  limits.channels = 3
  local book, clock = made()
  for _, channel in ipairs { "a", "b", "c" } do
    book:put(channel, { boonData = "x" })
    clock.pass(1)
  end
  book:put("a", { boonData = "y" })
  book:put("d", { boonData = "x" })
  limits.channels = kept
  equal(book:channels(), { "a", "c", "d" })
end

return T
