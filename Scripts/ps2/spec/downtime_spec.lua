-- Times without a connection: when they begin, end, and what they come to.

local downtime = require "downtime"
local equal = require("lib.testing").equal
local limits = require "limits"

local T = {}

local function new() return { list = {}, total_ms = 0, count = 0 } end

function T.what_is_going_on_counts_already()
  local kept = new()
  equal(downtime.total(kept, 5000), 0)
  downtime.begin(kept, "closed", 10000)
  equal(downtime.total(kept, 14000), 4000)
  equal(downtime.finish(kept, 15000), { from = 10000, to = 15000, reason = "closed" })
  equal(downtime.total(kept, 99000), 5000, "it is over")
  downtime.begin(kept, "closed", 100000)
  equal(downtime.total(kept, 101000), 6000)
end

function T.an_attempt_that_fails_is_no_time_of_its_own()
  local kept = new()
  downtime.begin(kept, "closed", 1000)
  downtime.begin(kept, "bad_status 500", 3000)
  equal({ kept.count, kept.list[1].from, kept.list[1].reason }, { 1, 1000, "bad_status 500" })
end

function T.the_oldest_go_from_the_list_and_stay_in_the_sum()
  local kept = new()
  for i = 1, limits.downtimes + 5 do
    downtime.begin(kept, "closed", i * 1000)
    downtime.finish(kept, i * 1000 + 100)
  end
  equal({ #kept.list, kept.count }, { limits.downtimes, limits.downtimes + 5 })
  equal(downtime.total(kept, 0), (limits.downtimes + 5) * 100)
end

function T.a_clock_that_is_set_back_makes_no_time_negative()
  local kept = new()
  downtime.begin(kept, "closed", 10000)
  equal(downtime.total(kept, 4000), 0)
  downtime.finish(kept, 4000)
  equal(downtime.total(kept, 4000), 0)
end

return T
