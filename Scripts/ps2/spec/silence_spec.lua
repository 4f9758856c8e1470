-- Worlds that have become silent, and payloads that come twice.

local duplicates = require "duplicates"
local equal = require("lib.testing").equal
local silence = require "silence"

local T = {}

local WATCHED = { { world = 17, event = "Death", after_ms = 30000 } }

local function stale(found) return found[1] and found[1].silent_ms end

function T.a_world_is_stale_after_the_threshold_and_asked_for_later_and_later()
  local watch = silence.new {}
  watch:heard(17, "Death", 1000)
  equal(stale(watch:look(WATCHED, 0, 30999)), nil)
  equal(stale(watch:look(WATCHED, 0, 31000)), 30000)
  equal(stale(watch:look(WATCHED, 0, 31001)), nil)
  local tries = {}
  for second = 32, 400 do
    if stale(watch:look(WATCHED, 0, second * 1000)) then tries[#tries + 1] = second end
  end
  equal(tries, { 61, 121, 241 }, "further attempts, seconds")
end

function T.a_stale_world_recovers_with_its_next_event()
  local watch = silence.new {}
  watch:heard(17, "Death", 1000)
  watch:look(WATCHED, 0, 40000)
  watch:heard(17, "Death", 50000)
  local due, recovered = watch:look(WATCHED, 0, 50500)
  equal({ #due, recovered[1].silent_ms }, { 0, 49000 })
end

function T.what_was_never_heard_counts_from_the_connection()
  local watch = silence.new {}
  equal(stale(watch:look(WATCHED, 100000, 129999)), nil)
  equal(stale(watch:look(WATCHED, 100000, 130000)), 30000)
  watch:reset()
  equal(stale(watch:look(WATCHED, 200000, 229999)), nil)
end

function T.a_world_that_came_online_late_has_its_time()
  local watch = silence.new {}
  local watched = { { world = 19, event = "Death", after_ms = 30000, since = 100000 } }
  equal(stale(watch:look(watched, 0, 120000)), nil)
  equal(stale(watch:look(watched, 0, 130000)), 30000)
end

function T.worlds_and_names_without_end_are_not_kept()
  local kept = {}
  local watch = silence.new(kept)
  for world = 1, 1000 do watch:heard(world, "Death", world) end
  for name = 1, 1000 do watch:heard(1, "name " .. name, name) end
  local worlds, names = 0, 0
  for _ in pairs(kept.last) do worlds = worlds + 1 end
  for _ in pairs(kept.last[1]) do names = names + 1 end
  equal({ worlds, names }, { 64, 64 })
  watch:heard(2, ("n"):rep(65), 1)
  equal(kept.last[2], { Death = 2 })
end

function T.the_same_within_two_seconds_is_dropped()
  local kept = {}
  local seen = duplicates.new(kept)
  equal(seen:is_repeated("a", 0), false)
  equal(seen:is_repeated("a", 2000), true)
  equal(seen:is_repeated("b", 2000), false)
  equal(seen:is_repeated("a", 2001), false)
  equal(seen:is_repeated("b", 3999), true)
  equal(seen:is_repeated("b", 9000), false)
end

function T.a_full_memory_forgets_the_oldest_and_counts_it()
  local kept = {}
  local seen = duplicates.new(kept)
  local long = ("x"):rep(1 << 20)
  for n = 1, 8 do equal(seen:is_repeated(long .. n, 0), false) end
  assert(kept.shortened > 0)
  equal(seen:is_repeated(long .. 8, 1), true)
end

return T
