--- The rules of slots, one test per rule, and that Firefly Garden pays back what its manifest says.

local engine = require "engines.slots"
local manifest = require "manifest"
local testing = require "lib.testing"

local act, equal = testing.act, testing.equal

-- Three reels of few symbols, so that every case can be seen at a glance. Window by stop:
--   reel 1: a b *    reel 2: a b *    reel 3: a b c     (* is wild)
local function settings(changes)
  local made = {
    strips = { { "a", "b", "*" }, { "a", "b", "*" }, { "a", "b", "c" } }, rows = 2,
    paylines = { { 0, 0, 0 }, { 1, 1, 1 }, { 0, 1, 0 } },
    pays = { a = { ["2"] = 1, ["3"] = 10 }, b = { ["3"] = 20 }, c = { ["3"] = 50 } },
    wild = "*", min_bet = 3, max_bet = 30,
  }
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

local function spin(made, stops, amount)
  local ctx = testing.context(made, { random = testing.fixed(table.unpack(stops)) })
  return act(engine, engine.init(made), "spin", { amount = amount or 3 }, ctx), ctx
end

--- What a line wins as "pay symbol count".
local function win(symbols, changes)
  local pay, symbol, count = engine.line_win(settings(changes), symbols)
  return symbol and ("%d %s %d"):format(pay, symbol, count) or tostring(pay)
end

local T = {}

--- Sums of wins beyond 64 bits would begin anew below zero.
function T.pays_that_no_bet_can_be_paid_with_are_refused()
  local most = 9000000000000000 // 30
  for _, pay in ipairs { most + 1, 1 << 62, math.maxinteger } do
    local ok, problem = pcall(engine.init, settings { pays = { a = { ["3"] = pay }, b = {}, c = {} } })
    assert(not ok and problem:find("pays of a: 3 of it may pay at most " .. most, 1, true), problem)
  end
  local made = settings { pays = { a = { ["3"] = most }, b = {}, c = {} } }
  -- Each of the three lines is a a a.
  made.paylines = { { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0, 0 } }
  local state = spin(made, { 0, 0, 0 }, 30)
  assert(state.data.total_winnings == most * 30)
  for _, bet in ipairs { 0, -1, 1.5 } do
    local ok, problem = pcall(engine.init, settings { max_bet = bet })
    assert(not ok and problem:find("max_bet must be", 1, true), problem)
  end
end

function T.the_first_state_shows_the_beginning_of_each_strip()
  local state = engine.init(settings())
  assert(state.name == "idle" and state.data.bet == 0 and state.data.total_winnings == 0)
  equal(state.data.reels, { { "a", "b" }, { "a", "b" }, { "a", "b" } })
  equal({ state.data.lines, state.actions }, { {}, { "spin" } })
end

function T.a_reel_stops_anywhere_on_its_strip_and_goes_on_from_the_last_symbol_with_the_first()
  local made = settings()
  local random = testing.fixed(2, 1, 2)
  local ctx = testing.context(made, { random = random })
  local state = act(engine, engine.init(made), "spin", { amount = 3 }, ctx)
  equal(random.calls, { "integer(0, 2)", "integer(0, 2)", "integer(0, 2)" })
  equal(state.data.stops, { 2, 1, 2 })
  equal(state.data.reels, { { "*", "a" }, { "b", "*" }, { "c", "a" } })
end

function T.stake_and_win_are_one_step()
  -- Rows: a a a / b b b. Lines: a a a, b b b, a b a.
  local state, ctx = spin(settings(), { 0, 0, 0 }, 6)
  equal(ctx.effects, { { "bet", -6 }, { "win", 60 } })
  assert(#ctx.steps == 0 and state.name == "idle" and state.data.bet == 6)
  equal(state.data.winnings, { 20, 40, 0 })
  assert(state.data.total_winnings == 60)
  equal(state.data.lines, {
    { line = 0, symbol = "a", count = 3, win = 20 }, { line = 1, symbol = "b", count = 3, win = 40 },
  })
end

function T.what_wins_nothing_pays_nothing()
  -- Rows: b a c / * b a. Lines: b a c, * b a, b b c.
  local state, ctx = spin(settings(), { 1, 0, 2 })
  equal(ctx.effects, { { "bet", -3 } })
  equal({ state.data.winnings, state.data.lines }, { { 0, 0, 0 }, {} })
end

function T.a_line_pays_from_the_left_only()
  assert(win { "a", "a", "b" } == "1 a 2" and win { "b", "a", "a" } == "0" and win { "a", "b", "a" } == "0")
end

function T.a_wild_stands_for_every_symbol()
  assert(win { "*", "b", "b" } == "20 b 3" and win { "b", "*", "b" } == "20 b 3")
  assert(win { "*", "*", "c" } == "50 c 3" and win { "a", "*", "b" } == "1 a 2")
end

function T.of_two_readings_of_a_line_the_better_one_counts()
  -- Two wilds are worth two of a; with the b behind them they are three of it.
  assert(win { "*", "*", "b" } == "20 b 3")
  -- Worth more by themselves than as three of a.
  local own = { a = { ["3"] = 10 }, b = { ["3"] = 20 }, c = {}, ["*"] = { ["2"] = 15 } }
  assert(win({ "*", "*", "a" }, { pays = own }) == "15 * 2")
  assert(win({ "*", "*", "b" }, { pays = own }) == "20 b 3")
end

function T.nothing_but_wilds_stands_for_what_pays_best()
  local strips = { { "a", "b", "*" }, { "a", "b", "*" }, { "a", "b", "c", "*" } }
  assert(win({ "*", "*", "*" }, { strips = strips }) == "50 c 3")
end

function T.a_count_without_a_pay_of_its_own_pays_like_the_next_lower_one()
  local pays = { a = { ["2"] = 4 }, b = {}, c = {} }
  assert(win({ "a", "a", "a" }, { pays = pays }) == "4 a 3")
end

function T.without_a_wild_every_symbol_is_itself()
  local plain = settings { strips = { { "a", "b" }, { "a", "b" }, { "a", "b" } }, pays = { a = { ["3"] = 2 }, b = {} } }
  plain.wild = nil
  assert(engine.line_win(plain, { "a", "a", "a" }) == 2 and engine.line_win(plain, { "a", "b", "a" }) == 0)
end

function T.a_stake_outside_the_rules_changes_nothing()
  local made = settings()
  for _, amount in ipairs { 0, -3, 1, 4, 33, 4.5, "3", true, 2 ^ 70 } do
    local ctx = testing.context(made)
    local state, code = act(engine, engine.init(made), "spin", { amount = amount }, ctx)
    assert(state == nil and code == "bad_params" and #ctx.effects == 0, tostring(amount))
  end
  local state, code, detail = act(engine, engine.init(made), "spin", { amount = 4 }, testing.context(made))
  assert(state == nil and code == "bad_params" and detail == "amount must be a multiple of 3, the number of lines")
end

function T.bet_amount_is_an_alias()
  local made = settings()
  local ctx = testing.context(made)
  assert(act(engine, engine.init(made), "spin", { bet_amount = 6 }, ctx).data.bet == 6 and ctx.effects[1][2] == -6)
end

function T.a_player_may_leave_at_any_time()
  assert(engine.can_finish(engine.init(settings())) and engine.can_finish((spin(settings(), { 0, 0, 0 }))))
end

function T.settings_that_contradict_each_other_are_named()
  for _, case in ipairs {
    { { strips = {} }, "strips must be a list, not empty" },
    { { strips = { { "a" }, { "a", "b" }, { "c", "a" } } }, "strip 1 has fewer symbols than the 2 rows" },
    { { strips = { { "a", "x" }, { "a", "b" }, { "c", "*" } } }, "strip 1 has the symbol x, which is not in pays" },
    { { pays = { a = {}, b = {}, c = {}, d = {} } }, "no strip has the symbol d of pays" },
    { { wild = "w", pays = { a = {}, b = {}, c = {}, ["*"] = {} } }, "no strip has the wild symbol w" },
    { { pays = { a = { ["2"] = 5, ["3"] = 4 }, b = {}, c = {} } }, "pays of a: 3 of it must pay" },
    { { pays = { a = { ["4"] = 5 }, b = {}, c = {} } }, "pays of a: 4 is no number of reels" },
    { { pays = { a = { ["3"] = 1.5 }, b = {}, c = {} } }, "pays of a: 3 of it must pay" },
    { { paylines = { { 0, 0 } } }, "payline 1 must have 3 rows" },
    { { paylines = { { 0, 2, 0 } } }, "payline 1: 2 is no row from 0 to 1" },
    { { rows = 0 }, "rows must be from 1 to 6" },
    { { max_bet = 2 }, "max_bet must be at least 3, or nobody can play" },
  } do
    local ok, message = pcall(engine.init, settings(case[1]))
    assert(not ok and message:find(case[2], 1, true), tostring(message))
  end
end

--- How often each symbol stands on a strip.
local function counts(strip)
  local found = {}
  for _, symbol in ipairs(strip) do found[symbol] = (found[symbol] or 0) + 1 end
  return found
end

-- Each place of a reel shows each symbol of the strip equally often, so each line pays back the
-- same: what all its combinations of symbols pay, each as often as it comes.
function T.firefly_garden_pays_back_what_its_manifest_says()
  local shipped = manifest.settings
  local reels, symbols, sum, all = #shipped.strips, {}, 0, 1
  local often = {}
  for reel, strip in ipairs(shipped.strips) do often[reel], all = counts(strip), all * #strip end
  local function go(reel, ways)
    if reel > reels then
      sum = sum + ways * engine.line_win(shipped, symbols)
      return
    end
    for symbol, count in pairs(often[reel]) do
      symbols[reel] = symbol
      go(reel + 1, ways * count)
    end
  end
  go(1, 1)
  assert(math.abs(sum / all - manifest["return"]) < 0.0005, ("it pays back %.4f"):format(sum / all))
end

function T.firefly_garden_begins_without_a_win_on_its_lines()
  local shipped = manifest.settings
  local reels = engine.init(shipped).data.reels
  for line, rows in ipairs(shipped.paylines) do
    local symbols = {}
    for reel, row in ipairs(rows) do symbols[reel] = reels[reel][row + 1] end
    assert(engine.line_win(shipped, symbols) == 0, "line " .. line)
  end
end

return T
