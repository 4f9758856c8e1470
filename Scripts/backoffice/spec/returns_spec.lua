local reports = require "reports"
local returns = require "returns"

local T = {}

local function played(rounds, declared)
  local totals = returns.empty("s", "g", "CRE")
  for _, round in ipairs(rounds) do
    returns.add(totals, { total_in = round[1], total_out = round[2], outcome = round[3] })
  end
  totals.declared = declared
  return totals
end

-- `count` rounds of stake 1, every other one pays 2.
local function fair(count, declared)
  local rounds = {}
  for i = 1, count do rounds[i] = { 1, i % 2 * 2 } end
  return played(rounds, declared)
end

function T.the_return_is_the_sum_out_over_the_sum_in()
  local r, low, high = returns.measured(played { { 10, 5 }, { 30, 45 } })
  assert(r == 1.25 and low < r and r < high)
end

function T.rounds_that_are_all_alike_leave_no_doubt()
  local r, low, high = returns.measured(played { { 4, 2 }, { 8, 4 }, { 4, 2 } })
  assert(r == 0.5 and math.abs(low - 0.5) < 1e-9 and math.abs(high - 0.5) < 1e-9)
end

function T.the_interval_shrinks_with_the_root_of_the_rounds()
  local _, low, high = returns.measured(fair(100))
  local _, low4, high4 = returns.measured(fair(400))
  assert(math.abs((high - low) / (high4 - low4) - 2) < 0.01)
  assert(math.abs(high - low - 2 * 1.959964 / 10) < 0.001)
end

function T.without_a_stake_nothing_is_measured()
  assert(returns.measured(played { { 0, 0 } }) == nil)
  assert(returns.verdict(played({ { 0, 5 } }, 0.9)) == "few")
end

function T.the_verdict_compares_the_interval_with_what_is_declared()
  assert(returns.verdict(fair(1000)) == "undeclared")
  assert(returns.verdict(fair(999, 1)) == "few")
  assert(returns.verdict(fair(1000, 1)) == "fits")
  assert(returns.verdict(fair(1000, 0.9)) == "above")
  assert(returns.verdict(fair(1000, 1.1)) == "below")
  assert(returns.verdict(fair(1000, { 0.8, 0.95 })) == "fits")
  assert(returns.verdict(fair(1000, { 0.8, 0.9 })) == "above")
end

--- A sum that began anew below zero would be a lie; one that stands still says that it does.
function T.sums_stop_at_what_64_bits_hold_and_say_so()
  local totals = played { { math.maxinteger - 5, 3 }, { 5, math.maxinteger - 3 } }
  assert(totals.total_in == math.maxinteger and totals.total_out == math.maxinteger)
  assert(totals.is_full == nil and returns.measured(totals) == 1.0)
  returns.add(totals, { total_in = 1, total_out = 0 })
  assert(totals.total_in == math.maxinteger and totals.is_full == true and totals.rounds == 3)
  returns.add(totals, { total_in = 0, total_out = 7 })
  assert(totals.total_out == math.maxinteger)
  assert(returns.measured(totals) == nil and returns.verdict(totals) == "full")
end

function T.a_round_whose_steps_are_more_than_64_bits_hold_is_no_round()
  local report = {
    round_id = "r", site = "s", game = "g", denom = "CRE", started = 1, ended = 2, balance = 0,
    ops = { { type = "bet", amount = math.maxinteger }, { type = "bet", amount = math.maxinteger } },
    total_in = 0, total_out = 0,
  }
  local problem = reports.problem(report)
  assert(problem == "the sum at step 2 is more than 64 bits hold", problem)
end

function T.jackpots_are_counted_by_themselves_and_are_no_part_of_the_return()
  local plain, lucky = fair(1000, 1), fair(1000, 1)
  local bet, win = { type = "bet", amount = 1, direction = "in" }, { type = "win", amount = 1 }
  returns.add(plain, { total_in = 1, total_out = 1, ops = { bet, win } })
  returns.add(lucky, { total_in = 1, total_out = 100001, ops = {
    bet, win, { type = "jackpot", amount = 100000, direction = "out" },
  } })
  assert(lucky.jackpots == 100000 and lucky.total_out == plain.total_out + 100000)
  assert(table.concat({ returns.measured(lucky) }, " ") == table.concat({ returns.measured(plain) }, " "))
  assert(returns.verdict(lucky) == "fits" and plain.jackpots == 0)
  -- Totals of a version that did not tell jackpots apart.
  lucky.jackpots = nil
  returns.add(lucky, { total_in = 0, total_out = 5, ops = { { type = "jackpot", amount = 5 } } })
  assert(lucky.jackpots == 5)
end

function T.outcomes_are_counted()
  local totals = played { { 1, 0 }, { 1, 0, "expired" }, { 1, 0, "expired" } }
  assert(totals.outcomes.settled == 1 and totals.outcomes.expired == 2 and totals.rounds == 3)
end

return T
