--- The rules of video keno, one test per rule, and that it pays back what its manifest says.

local engine = require "engine"
local manifest = require "manifest"
local testing = require "lib.testing"

local act, equal = testing.act, testing.equal

-- Five of ten balls are drawn.
local SETTINGS = {
  numbers = 10, draw = 5, min_bet = 2, max_bet = 20,
  pays = { ["2"] = { ["2"] = 4 }, ["3"] = { ["0"] = 1, ["2"] = 1, ["3"] = 6 } },
}
local BALLS = { 9, 2, 7, 4, 1 }

local function play(params, state)
  local ctx = testing.context(SETTINGS, { random = testing.fixed(BALLS) })
  local after, code, detail = act(engine, state or engine.init(SETTINGS), "play", params, ctx)
  return after, ctx, code, detail
end

local T = {}

function T.the_table_is_empty_at_first()
  local state = engine.init(SETTINGS)
  equal(state.data, { numbers = {}, balls = {}, hits = {}, bet = 0, total_winnings = 0 })
  assert(state.name == "idle" and engine.can_finish(state))
end

function T.the_balls_are_drawn_from_all_numbers_and_shown_in_their_order()
  local random = testing.fixed(BALLS)
  local ctx = testing.context(SETTINGS, { random = random })
  local state = act(engine, engine.init(SETTINGS), "play", { amount = 2, numbers = { 4, 2 } }, ctx)
  equal(random.calls, { "sample(10, 5)" })
  equal(state.data.balls, BALLS)
end

function T.stake_and_win_are_one_step()
  local state, ctx = play { amount = 3, numbers = { 7, 2, 9 } }
  equal(ctx.effects, { { "bet", -3 }, { "win", 18 } })
  equal({ state.data.numbers, state.data.hits }, { { 2, 7, 9 }, { 2, 7, 9 } })
  assert(state.data.bet == 3 and state.data.total_winnings == 18 and engine.can_finish(state))
end

function T.a_count_without_a_pay_wins_nothing()
  local state, ctx = play { amount = 2, numbers = { 1, 3, 5 } }
  equal(ctx.effects, { { "bet", -2 } })
  equal(state.data.hits, { 1 })
  assert(state.data.total_winnings == 0)
end

function T.no_hit_at_all_may_pay()
  local state = play { amount = 2, numbers = { 3, 5, 6 } }
  assert(#state.data.hits == 0 and state.data.total_winnings == 2)
end

function T.without_numbers_those_on_the_table_are_played_again()
  local first = play { amount = 2, numbers = { 2, 4 } }
  local again = play({ amount = 2 }, first)
  equal(again.data.numbers, { 2, 4 })
  local _, _, code, detail = play { amount = 2 }
  assert(code == "bad_params" and detail == "choose 2 to 3 numbers")
end

function T.a_quick_pick_costs_nothing_and_is_played_next()
  local random = testing.fixed({ 8, 1, 5 }, BALLS)
  local ctx = testing.context(SETTINGS, { random = random })
  local picked = act(engine, engine.init(SETTINGS), "quick_pick", { count = 3 }, ctx)
  equal(picked.data.numbers, { 1, 5, 8 })
  assert(#ctx.effects == 0 and random.calls[1] == "sample(10, 3)")
  equal(play({ amount = 2 }, picked).data.hits, { 1 })
end

function T.what_is_outside_the_rules_changes_nothing()
  for _, params in ipairs {
    { amount = 2, numbers = { 1 } }, { amount = 2, numbers = { 1, 2, 3, 4 } }, { amount = 2, numbers = "1, 2" },
    { amount = 2, numbers = { 1, 1 } }, { amount = 2, numbers = { 0, 1 } }, { amount = 2, numbers = { 1, 11 } },
    { amount = 2, numbers = { 1, 1.5 } }, { amount = 2, numbers = { 1, "2" } }, { amount = 1, numbers = { 1, 2 } },
    { amount = 21, numbers = { 1, 2 } }, { amount = 2.5, numbers = { 1, 2 } }, { numbers = { 1, 2 } },
  } do
    local state, ctx, code = play(params)
    assert(state == nil and code == "bad_params" and #ctx.effects == 0)
  end
  for _, count in ipairs { 1, 4, 2.5, "2" } do
    local ctx = testing.context(SETTINGS)
    local state, code = act(engine, engine.init(SETTINGS), "quick_pick", { count = count }, ctx)
    assert(state == nil and code == "bad_params")
  end
end

function T.settings_that_contradict_each_other_are_named()
  for _, case in ipairs {
    { { pays = {} }, "at least one" }, { { pays = { ["11"] = {} } }, "11 is no number of numbers from 1 to 10" },
    { { pays = { ["2"] = { ["3"] = 1 } } }, "pays of 2: 3 of them cannot be drawn" },
    { { pays = { ["2"] = { ["2"] = 1.5 } } }, "pays of 2: 2 must pay a whole number" },
    { { draw = 11 }, "draw must be from 1 to numbers" },
  } do
    local settings = {}
    for key, value in pairs(SETTINGS) do settings[key] = value end
    for key, value in pairs(case[1]) do settings[key] = value end
    local ok, message = pcall(engine.init, settings)
    assert(not ok and message:find(case[2], 1, true), tostring(message))
  end
end

--- In how many ways k of n can be taken.
local function ways(n, k)
  local result = 1.0
  for i = 1, k do result = result * (n - k + i) / i end
  return result
end

function T.however_many_are_chosen_it_pays_back_what_the_manifest_says()
  local shipped, lowest, highest = manifest.settings, table.unpack(manifest["return"])
  local numbers, draw = shipped.numbers, shipped.draw
  for count, pays in pairs(shipped.pays) do
    local chosen, sum = tonumber(count), 0
    for hits, pay in pairs(pays) do
      local drawn = tonumber(hits)
      sum = sum + pay * ways(chosen, drawn) * ways(numbers - chosen, draw - drawn)
    end
    local share = sum / ways(numbers, draw)
    assert(lowest <= share and share <= highest, ("%s chosen: %.4f"):format(count, share))
  end
end

return T
