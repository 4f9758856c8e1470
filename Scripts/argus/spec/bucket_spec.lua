-- What may be sent for a channel now.

local bucket = require "bucket"
local equal = require("lib.testing").equal

local T = {}

-- Of a server that was started so many seconds ago; without a number, so long ago that it counts
-- for nothing.
local function made(seconds) return { buckets = {}, started = -1000 * (seconds or 100) } end

function T.a_hundred_at_once_then_one_a_second()
  local buckets = made()
  for n = 1, 100 do assert(bucket.take(buckets, "a", 1, 0), n) end
  assert(not bucket.take(buckets, "a", 1, 0))
  assert(not bucket.take(buckets, "a", 1, 1000), "what left in time may arrive closer together")
  assert(bucket.take(buckets, "a", 1, 1100))
  assert(not bucket.take(buckets, "a", 1, 1999))
end

function T.all_parts_or_none()
  local buckets = made()
  assert(bucket.take(buckets, "a", 98, 0))
  assert(not bucket.take(buckets, "a", 3, 0))
  equal(bucket.level(buckets, "a", 0), 2)
  assert(bucket.take(buckets, "a", 3, 1100))
end

function T.channels_have_nothing_to_do_with_each_other()
  local buckets = made()
  assert(bucket.take(buckets, "a", 100, 0) and bucket.take(buckets, "b", 100, 0))
end

function T.a_full_bucket_is_full()
  local buckets = made()
  bucket.take(buckets, "a", 1, 0)
  equal(bucket.level(buckets, "a", 86400000), 100)
  bucket.sweep(buckets, 500)
  assert(buckets.buckets.a)
  bucket.sweep(buckets, 1000)
  equal(buckets.buckets, {})
end

function T.twitch_is_believed_when_it_has_less()
  local buckets = made()
  bucket.take(buckets, "a", 2, 0)
  bucket.correct(buckets, "a", 50, 1, 0)
  equal(bucket.level(buckets, "a", 0), 49)
  bucket.correct(buckets, "a", 99, 0, 0)
  equal(bucket.level(buckets, "a", 0), 49)
  bucket.correct(buckets, "a", 0, 5, 0)
  equal(bucket.level(buckets, "a", 0), 0)
end

function T.a_clock_that_is_set_back_gives_nothing()
  local buckets = made()
  bucket.take(buckets, "a", 100, 10000)
  assert(not bucket.take(buckets, "a", 1, 0))
  equal(bucket.level(buckets, "a", 0), 0)
end

-- The bucket against a server's own, over a time at random: never a message too many, and what is
-- wanted goes as soon as there is enough.
function T.never_more_than_twitch_takes()
  local random = require("lib.testing").random(7)
  local buckets, theirs, at, now = made(), 100, 0, 0
  for _ = 1, 3000 do
    now = now + random:integer(0, 700)
    local count = random:integer(1, 5)
    if bucket.take(buckets, "a", count, now) then
      -- It arrives up to 90 ms later, in any order with those after it.
      local arrival = math.max(at, now + random:integer(0, 90))
      theirs = math.min(100, theirs + (arrival - at) / 1000) - count
      at = arrival
      assert(theirs >= -1e-6, "a message too many")
    end
  end
end

function T.after_a_start_there_is_what_has_come_since()
  local buckets = made(0)
  assert(not bucket.take(buckets, "a", 1, 0) and not bucket.take(buckets, "a", 1, 1000))
  assert(bucket.take(buckets, "a", 1, 1100) and not bucket.take(buckets, "a", 1, 2000))
  assert(bucket.take(buckets, "b", 50, 50100) and not bucket.take(buckets, "b", 2, 50100))
  assert(bucket.take(buckets, "c", 100, 100000))
end

function T.after_a_start_the_first_word_of_twitch_may_raise_it()
  local buckets = made(0)
  bucket.take(buckets, "a", 1, 1100)
  bucket.correct(buckets, "a", 97, 2, 1200)
  equal(bucket.level(buckets, "a", 1200), 95)
  bucket.correct(buckets, "a", 99, 0, 1200)
  equal(bucket.level(buckets, "a", 1200), 95, "the second may not")
  bucket.take(buckets, "b", 1, 1100)
  bucket.correct(buckets, "b", 1000000, 0, 1200)
  equal(bucket.level(buckets, "b", 1200), 100, "no more than a bucket takes")
end

function T.what_twitch_has_said_soon_after_a_start_is_kept()
  local buckets = made(0)
  bucket.take(buckets, "a", 1, 1100)
  bucket.correct(buckets, "a", 99, 0, 1200)
  bucket.sweep(buckets, 60000)
  equal(bucket.level(buckets, "a", 60000), 100)
end

function T.a_clock_set_back_behind_the_start_begins_anew()
  local buckets = { buckets = {}, started = 1000000 }
  assert(not bucket.take(buckets, "a", 1, 0))
  assert(bucket.take(buckets, "a", 1, 1100))
end

return T
