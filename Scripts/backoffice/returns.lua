--- What a game has returned to its players, against what is declared.
--
-- Every round is one sample: what went in, what came out. The return is the sum of what came out
-- over the sum of what went in; how certain that is follows from how much the rounds differ. With
-- r the return, the deviation of one round is out − r·in; the sums of the squares and products are
-- all that must be kept for it.
--
-- Jackpots belong to a site: what a game's manifest declares is without them, and so is its return.

local limits = require "limits"

local M = {}

-- 95 of 100 intervals of this width hold the true return, once rounds are many.
local WIDTH = 1.959964

---@class backoffice.Totals of a game on a site, in one denomination
---@field site string
---@field game string
---@field denom string
---@field rounds integer
---@field total_in integer
---@field total_out integer with jackpots
---@field jackpots? integer of it; none in totals of versions that did not tell them apart
---@field in_in number sum of the squares of what went in
---@field out_out number likewise of what came out, without jackpots
---@field in_out number sum of the products
---@field outcomes table<string, integer> rounds by outcome
---@field is_full? boolean a sum would be more than 64 bits hold, so that it stands still at that
---@field declared? number|number[]

--- Totals of a game that nobody has played.
---@return backoffice.Totals
function M.empty(site, game, denom)
  return {
    site = site, game = game, denom = denom, rounds = 0, total_in = 0, total_out = 0,
    jackpots = 0, in_in = 0.0, out_out = 0.0, in_out = 0.0, outcomes = {},
  }
end

-- Adds to a sum of whole numbers, which stops at the largest one: beyond it Lua goes on below zero.
local function add_to(totals, name, amount)
  local sum = totals[name] + amount
  if sum < 0 then
    sum = math.maxinteger
    totals.is_full = true
  end
  totals[name] = sum
end

-- What jackpots paid of a round.
local function jackpots_of(report)
  local sum = 0
  for _, op in ipairs(report.ops or {}) do
    if op.type == "jackpot" and op.direction ~= "in" then sum = sum + op.amount end
  end
  return sum
end

--- Adds a round.
---@param totals backoffice.Totals
---@param report table
function M.add(totals, report)
  local paid, jackpots = report.total_in, jackpots_of(report)
  local got = report.total_out - jackpots
  totals.rounds = totals.rounds + 1
  add_to(totals, "total_in", paid)
  add_to(totals, "total_out", report.total_out)
  totals.jackpots = totals.jackpots or 0
  add_to(totals, "jackpots", jackpots)
  totals.in_in = totals.in_in + paid * 1.0 * paid
  totals.out_out = totals.out_out + got * 1.0 * got
  totals.in_out = totals.in_out + paid * 1.0 * got
  local outcome = report.outcome or "settled"
  totals.outcomes[outcome] = (totals.outcomes[outcome] or 0) + 1
  if report.declared_return ~= nil then totals.declared = report.declared_return end
end

--- The measured return without jackpots and its interval of 95 %; nil without a stake, or with
-- more than can be counted.
---@param totals backoffice.Totals
---@return number? measured
---@return number? low
---@return number? high
function M.measured(totals)
  if totals.total_in == 0 or totals.is_full then return nil end
  local r = (totals.total_out - (totals.jackpots or 0)) / totals.total_in
  local squares = totals.out_out - 2 * r * totals.in_out + r * r * totals.in_in
  -- Rounding may leave a little less than nothing.
  local half = WIDTH * math.sqrt(math.max(0, squares)) / totals.total_in
  return r, math.max(0, r - half), r + half
end

--- Whether the measured return agrees with the declared one.
---@param totals backoffice.Totals
---@return "fits"|"above"|"below"|"few"|"undeclared"|"full" verdict
function M.verdict(totals)
  if totals.is_full then return "full" end
  local declared = totals.declared
  if declared == nil then return "undeclared" end
  if totals.rounds < limits.rounds_for_verdict then return "few" end
  local lowest = type(declared) == "table" and declared[1] or declared
  local highest = type(declared) == "table" and declared[2] or declared
  local _, low, high = M.measured(totals)
  if not low then return "few" end
  if high < lowest then return "below" end
  if low > highest then return "above" end
  return "fits"
end

return M
