--- The rules of bingo, one test per rule. The server runs them with `nightjar check`.

local engine = require "engines.bingo"
local manifest = require "manifest"
local testing = require "lib.testing"
local null = require("nightjar").json.null

local act, fixed = testing.act, testing.fixed

local PAYS = { bingo = 2000, frame = 400, double = 100, x = 30, line = 6, corners = 5 }

local function settings(changes)
  local made = {
    cards = 4, numbers = 60, draw = 30, extra_balls = 10, extra_factor = 1.25,
    min_bet = 4, max_bet = 400, pays = PAYS,
  }
  for key, value in pairs(changes or {}) do made[key] = value end
  return made
end

-- Card c of this series holds the fifteen numbers from 15 (c - 1) + 1, in written-out order 1 4 7
-- 10 13 / 2 5 8 11 14 / …
local IN_ORDER = {}
for number = 1, 60 do IN_ORDER[number] = number end

local function new_game(changes)
  local made = settings(changes)
  local dealt = { table.unpack(IN_ORDER, 1, made.cards * 15) }
  return engine.init(made, testing.context(made, { random = fixed(dealt) })), made
end

local function bet(state, made, balls, amount)
  local ctx = testing.context(made, { random = fixed(balls) })
  local after, code, detail = act(engine, state, "bet", { amount = amount or 4 }, ctx)
  return after, ctx, code, detail
end

local T = {}

function T.cards_are_filled_column_by_column_and_written_row_by_row()
  local numbers = { 1, 11, 13, 14, 15, 16, 17, 26, 29, 35, 38, 44, 45, 47, 51 }
  local taken, order = {}, {}
  for _, number in ipairs(numbers) do taken[number] = true end
  for i = 15, 1, -1 do order[#order + 1] = numbers[i] end
  for number = 1, 60 do if not taken[number] then order[#order + 1] = number end end
  local made = settings()
  local state = engine.init(made, testing.context(made, { random = fixed(order) }))
  local expected = { 1, 14, 17, 35, 45, 11, 15, 26, 38, 47, 13, 16, 29, 44, 51 }
  for i, number in ipairs(expected) do assert(state.data.cards[1][i] == number, "position " .. i) end
end

function T.the_cards_of_a_series_share_no_number()
  local made = settings()
  local state = engine.init(made, testing.context(made))
  local seen, count = {}, 0
  for _, card in ipairs(state.data.cards) do
    assert(#card == 15)
    for _, number in ipairs(card) do
      assert(not seen[number] and number >= 1 and number <= 60)
      seen[number], count = true, count + 1
    end
  end
  assert(count == 60 and #state.data.cards == 4)
end

function T.a_game_begins_idle()
  local state = new_game()
  assert(state.name == "idle" and #state.data.balls == 0 and engine.can_finish(state))
  assert(#state.actions == 2 and state.actions[1] == "bet" and state.actions[2] == "cards")
end

function T.a_bet_is_debited_and_draws_the_balls()
  local state, made = new_game()
  local ctx = testing.context(made)
  local game = act(engine, state, "bet", { amount = 8 }, ctx)
  assert(game.name == "game" and #game.data.balls == 30 and game.data.bet == 8)
  assert(#ctx.effects == 1 and ctx.effects[1][1] == "bet" and ctx:sum() == -8)
  assert(game.data.extra_left == 10 and not engine.can_finish(game))
end

function T.cards_and_balls_are_drawn_from_all_numbers()
  local random, made = fixed(IN_ORDER, { table.unpack(IN_ORDER, 1, 30) }, 60), settings()
  local ctx = testing.context(made, { random = random })
  local game = act(engine, engine.init(made, ctx), "bet", { amount = 4 }, ctx)
  act(engine, game, "extra", {}, ctx)
  testing.equal({ random.calls[1], random.calls[2] }, { "sample(60, 60)", "sample(60, 30)" })
  assert(random.calls[3]:find("^pick") and #random.calls == 3)
end

function T.bet_amount_is_an_alias()
  local state, made = new_game()
  local game = act(engine, state, "bet", { bet_amount = 4 }, testing.context(made))
  assert(game.data.bet == 4)
end

function T.a_stake_outside_the_rules_changes_nothing()
  local state, made = new_game({ max_bet = 40 })
  for _, amount in ipairs { 0, -4, 3, 5, 44, 4.5, "4", true, 2 ^ 70 } do
    local ctx = testing.context(made)
    local after, code = act(engine, state, "bet", { amount = amount }, ctx)
    assert(after == nil and code == "bad_params", tostring(amount))
    assert(#ctx.effects == 0)
  end
  local after, code = act(engine, state, "bet", {}, testing.context(made))
  assert(after == nil and code == "bad_params")
end

function T.only_the_best_pattern_of_a_card_pays()
  local state, made = new_game({ draw = 15 })
  -- Card 1: top row and corners (its line is worth more). Card 2: corners only.
  local balls = { 1, 4, 7, 10, 13, 3, 15, 16, 28, 18, 30, 46, 47, 48, 50 }
  local game = bet(state, made, balls, 8)
  assert(game.data.patterns[1] == "line" and game.data.winnings[1] == 12)
  assert(game.data.patterns[2] == "corners" and game.data.winnings[2] == 10)
  assert(game.data.patterns[3] == null and game.data.winnings[3] == 0)
  assert(game.data.total_winnings == 22)
end

function T.what_a_cap_takes_away_is_not_shown_and_no_ball_is_sold_for_it()
  local balls = { 1, 4, 7, 10, 13, 3, 15, 16, 28, 18, 30, 46, 47, 48, 50 }
  for _, case in ipairs { { 23, 22, "extra" }, { 22, 22 }, { 21, 21 } } do
    local state, made = new_game({ draw = 15, max_win = case[1] })
    local game = bet(state, made, balls, 8)
    testing.equal({ game.data.total_winnings, game.actions[3] }, { case[2], case[3] })
    local ctx = testing.context(made)
    act(engine, game, "end", {}, ctx)
    testing.equal(ctx:sum(), case[2])
  end
end

function T.each_pattern_pays_as_written()
  local function hits(positions)
    local bits = 0
    for _, position in ipairs(positions) do bits = bits | 1 << position end
    return bits
  end
  local cases = {
    { "corners", 5, { 0, 4, 10, 14 } },
    { "line", 6, { 5, 6, 7, 8, 9 } },
    { "x", 30, { 0, 2, 4, 6, 8, 10, 12, 14 } },
    { "double", 100, { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 } },
    { "double", 100, { 0, 1, 2, 3, 4, 10, 11, 12, 13, 14 } },
    { "frame", 400, { 0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14 } },
    { "bingo", 2000, { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 } },
  }
  for _, case in ipairs(cases) do
    local pay, name = engine.best(hits(case[3]), PAYS)
    assert(pay == case[2] and name == case[1], case[1])
  end
  local pay, name = engine.best(hits { 0, 1, 2, 3 }, PAYS)
  assert(pay == 0 and name == nil)
end

function T.a_site_may_change_what_patterns_pay()
  local pay, name = engine.best(0x7FFF, { bingo = 0, line = 7 })
  assert(pay == 7 and name == "line")
end

--- Ways to choose k of n, as a float: exact enough for probabilities.
local function choose(n, k)
  if k < 0 or k > n then return 0 end
  local ways = 1.0
  for i = 1, k do ways = ways * (n - k + i) / i end
  return ways
end

function T.the_base_round_returns_about_88_percent()
  local by_count, returned, any = {}, 0, 0
  for count = 0, 15 do by_count[count] = choose(45, 30 - count) / choose(60, 30) end
  local bits = { [0] = 0 }
  for hits = 0, 0x7FFF do
    bits[hits] = bits[hits >> 1] and bits[hits >> 1] + (hits & 1) or 0
    local pay = engine.best(hits, PAYS)
    if pay > 0 then
      returned = returned + pay * by_count[bits[hits]]
      any = any + by_count[bits[hits]]
    end
  end
  assert(returned > 0.87 and returned < 0.89, returned)
  assert(any > 0.121 and any < 0.123, any)
end

function T.winnings_are_credited_when_the_round_ends()
  local state, made = new_game({ draw = 5 })
  local game = bet(state, made, { 1, 4, 7, 10, 13 })
  local ctx = testing.context(made)
  local ended = act(engine, game, "end", {}, ctx)
  assert(ctx:sum() == 6 and ended.name == "idle" and #ended.data.balls == 0)
  for c, card in ipairs(state.data.cards) do
    for i, number in ipairs(card) do assert(ended.data.cards[c][i] == number) end
  end
end

function T.a_bet_during_a_round_ends_it_first_as_a_step_of_its_own()
  local state, made = new_game({ draw = 5 })
  local game = bet(state, made, { 1, 4, 7, 10, 13 })
  local again, ctx = bet(game, made, { 2, 5, 8, 11, 15 })
  assert(#ctx.steps == 1 and ctx.steps[1].name == "idle" and again.name == "game")
  assert(ctx.effects[1][1] == "win" and ctx.effects[1][2] == 6)
  assert(ctx.effects[2][1] == "bet" and ctx.effects[2][2] == -4)
  assert(again.data.total_winnings == 0)
end

function T.a_refused_bet_does_not_end_the_round()
  local state, made = new_game({ draw = 5 })
  local game = bet(state, made, { 1, 4, 7, 10, 13 })
  local after, ctx, code = bet(game, made, {}, 5)
  assert(after == nil and code == "bad_params" and #ctx.steps == 0 and #ctx.effects == 0)
end

function T.an_extra_ball_costs_its_price_and_comes_last()
  -- Stake 8, 2 a card; the price is another: 100 × 6 × 2 / 56 = 21.4.
  local state, made = new_game({ draw = 4, extra_factor = 100 })
  local game = bet(state, made, { 1, 4, 7, 10 }, 8)
  testing.equal(game.data.extra_cost, 22)
  local ctx = testing.context(made, { random = fixed(13) })
  local after = act(engine, game, "extra", { cost = 22 }, ctx)
  testing.equal(ctx.effects, { { "extra", -22 } })
  testing.equal(after.data.balls, { 1, 4, 7, 10, 13 })
  assert(after.data.patterns[1] == "line" and after.data.extra_left == 9)
end

function T.an_extra_ball_is_one_of_those_not_yet_drawn()
  local state, made = new_game({ draw = 4 })
  local game = bet(state, made, { 60, 1, 31, 30 })
  local left = {}
  for number = 2, 59 do
    if number ~= 30 and number ~= 31 then left[#left + 1] = number end
  end
  local asked
  local random = { pick = function(_, list) asked = list return list[1] end }
  act(engine, game, "extra", {}, testing.context(made, { random = random }))
  testing.equal(asked, left)
end

function T.an_extra_ball_at_another_price_is_refused()
  local state, made = new_game()
  local game = act(engine, state, "bet", { amount = 4 }, testing.context(made))
  local ctx = testing.context(made)
  local after, code = act(engine, game, "extra", { cost = game.data.extra_cost + 1 }, ctx)
  assert(after == nil and code == "bad_params" and #ctx.effects == 0 and #game.data.balls == 30)
end

function T.the_price_is_the_mean_gain_times_the_factor()
  local state, made = new_game({ draw = 4 })
  -- Only ball 13 would win: a line, 6 × 50 credits, among 56 balls; 1.25 × 300 / 56 = 6.7, but
  -- never below the stake per card.
  local game = bet(state, made, { 1, 4, 7, 10 }, 200)
  assert(game.data.extra_cost == 50)
  -- With two lines and the corners ready on card 1 many more balls gain; computed here the slow
  -- way.
  local balls = { 1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12, 15 }
  local rich, rich_made = new_game({ draw = #balls })
  local open = bet(rich, rich_made, balls, 4)
  local taken, hits, at = {}, 0, {}
  for i, number in ipairs(rich.data.cards[1]) do at[number] = 1 << (i - 1) end
  for _, ball in ipairs(balls) do
    taken[ball] = true
    hits = hits | (at[ball] or 0)
  end
  local sum, left = 0, 0
  for ball = 1, 60 do
    if not taken[ball] then
      left = left + 1
      sum = sum + engine.best(hits | (at[ball] or 0), PAYS) - engine.best(hits, PAYS)
    end
  end
  assert(open.data.extra_cost == math.max(1, math.ceil(1.25 * sum / left)))
  assert(open.data.extra_cost > 1)
end

-- What the next ball brings on average, worked out ball by ball.
local function slow_price(data, made)
  local drawn, left, gain = {}, 0, 0
  for _, ball in ipairs(data.balls) do drawn[ball] = true end
  local function paid()
    local sum = 0
    for _, card in ipairs(data.cards) do
      local hits = 0
      for i, number in ipairs(card) do if drawn[number] then hits = hits | 1 << (i - 1) end end
      sum = sum + engine.best(hits, made.pays)
    end
    return sum
  end
  local now = paid()
  for ball = 1, made.numbers do
    if not drawn[ball] then
      drawn[ball] = true
      left, gain = left + 1, gain + paid() - now
      drawn[ball] = nil
    end
  end
  local stake = data.bet // #data.cards
  return math.max(stake, math.ceil(made.extra_factor * (gain * stake) / left)), gain
end

function T.each_row_counts_for_the_price()
  -- Four of each row in turn: the fifth makes a line of 6 × 2 credits, one of 56 balls.
  for row = 0, 2 do
    local balls = {}
    for column = 0, 3 do balls[#balls + 1] = 1 + row + 3 * column end
    local state, made = new_game({ draw = 4, extra_factor = 100 })
    testing.equal(bet(state, made, balls, 8).data.extra_cost, 22, "price for row " .. row + 1)
  end
end

function T.the_price_of_any_round_is_the_slowly_computed_one()
  local random, gains = testing.random(7), 0
  for _ = 1, 25 do
    local state, made = new_game({ draw = random:integer(20, 45) })
    local data = bet(state, made, random:sample(60, made.draw), 4 * random:integer(1, 9)).data
    local price, gain = slow_price(data, made)
    testing.equal(data.extra_cost, price, table.concat(data.balls, " "))
    if gain > 0 then gains = gains + 1 end
  end
  -- Nearly all of them have something to win, else this would say little.
  assert(gains > 20, gains)
end

function T.the_price_is_rounded_up_to_whole_credits()
  -- Five balls are left; only 13 gains, as the last corner of card 1: 1.25 × pay / 5.
  local balls, left = {}, { [13] = true, [17] = true, [20] = true, [23] = true, [26] = true }
  for number = 1, 60 do if not left[number] then balls[#balls + 1] = number end end
  for pay, price in pairs { [8] = 2, [9] = 3, [12] = 3, [13] = 4 } do
    local state, made = new_game({ draw = 55, extra_balls = 5, pays = { corners = pay } })
    assert(bet(state, made, balls).data.extra_cost == price, pay)
  end
end

function T.extra_balls_end_when_none_are_left()
  local state, made = new_game({ extra_balls = 2 })
  local game = act(engine, state, "bet", { amount = 4 }, testing.context(made))
  for _ = 1, 2 do game = act(engine, game, "extra", {}, testing.context(made)) end
  assert(game.data.extra_left == 0 and game.data.extra_cost == 0 and #game.actions == 2)
  assert(#game.data.balls == 32)
end

function T.no_extra_ball_is_offered_when_all_balls_are_out()
  local state, made = new_game({ draw = 60 })
  local game = bet(state, made, IN_ORDER)
  assert(game.data.extra_cost == 0 and #game.actions == 2)
  assert(game.data.total_winnings == 4 * 2000)
end

function T.no_extra_ball_is_offered_when_all_cards_are_complete()
  -- One card of the sixty numbers, and all its balls are out: nothing more can be won.
  local state, made = new_game({ cards = 1, draw = 15 })
  local full = { table.unpack(IN_ORDER, 1, 15) }
  local game = bet(state, made, full)
  assert(game.data.patterns[1] == "bingo" and game.data.extra_left == 10)
  testing.equal(game.data.extra_cost, 0)
  testing.equal(game.actions, { "bet", "end" })
  -- One that lacks a single ball, of whatever row, has something to win yet.
  for lacking = 1, 15 do
    local balls = { 60, table.unpack(full) }
    table.remove(balls, lacking + 1)
    testing.equal(bet(state, made, balls).actions, { "bet", "end", "extra" })
  end
end

function T.new_cards_are_dealt_between_rounds_for_free()
  local state, made = new_game()
  local ctx = testing.context(made)
  local after = act(engine, state, "cards", {}, ctx)
  assert(after.name == "idle" and #after.data.cards == 4 and #ctx.effects == 0)
end

function T.no_ball_comes_twice()
  local state, made = new_game()
  local game = act(engine, state, "bet", { amount = 4 }, testing.context(made))
  while game.data.extra_left > 0 do game = act(engine, game, "extra", {}, testing.context(made)) end
  local seen = {}
  for _, ball in ipairs(game.data.balls) do
    assert(not seen[ball])
    seen[ball] = true
  end
  assert(#game.data.balls == 40)
end

function T.settings_that_contradict_each_other_stop_the_game()
  for _, changes in ipairs { { cards = 5 }, { draw = 61 }, { draw = 0 }, { cards = 0 }, { numbers = 301 } } do
    local made = settings(changes)
    assert(not pcall(engine.init, made, testing.context(made)))
  end
end

function T.settings_that_are_misspelt_or_of_another_kind_stop_the_game()
  for _, case in ipairs {
    { { draw = "30" }, "draw must be a whole number" },
    { { extra_factor = "1.25" }, "extra_factor must be a number" },
    { { pays = { linee = 6 } }, 'no pattern "linee"; did you mean "line"?' },
    { { pays = { line = 6.5 } }, "line must be a whole number" },
  } do
    local made = settings(case[1])
    local done, problem = pcall(engine.init, made, testing.context(made))
    assert(not done and problem:find(case[2], 1, true), problem)
  end
end

function T.the_settings_of_the_manifest_make_a_game()
  local shipped = manifest.settings
  local state = engine.init(shipped, testing.context(shipped))
  assert(act(engine, state, "bet", { amount = shipped.min_bet }, testing.context(shipped)))
end

-- A draw that completes the first card: its fifteen numbers and fifteen others.
local FIRST_CARD = {}
for number = 1, 15 do FIRST_CARD[number] = number end
for index = 16, 30 do FIRST_CARD[index] = 14 + 2 * (index - 15) + 1 end

function T.a_bet_feeds_the_jackpot_and_a_bingo_in_the_draw_wins_it()
  local state, made = new_game { jackpot = "jp", jackpot_min_bet = 8 }
  local function play(amount, balls)
    local ctx = testing.context(made, { random = fixed(balls) })
    ctx.jackpots = { bingo = 1234 }
    return act(engine, state, "bet", { amount = amount }, ctx), ctx
  end
  local won, ctx = play(8, FIRST_CARD)
  assert(won.data.jackpot == 1234 and ctx:sum() == 1234 - 8)
  testing.equal(ctx.contributions, { 8 })
  testing.equal(ctx.awards, { "bingo" })
  local small, small_ctx = play(4, FIRST_CARD)
  assert(small.data.jackpot == nil and #small_ctx.awards == 0)
  testing.equal(small_ctx.contributions, { 4 })
end

function T.without_a_jackpot_nothing_is_fed()
  local state, made = new_game()
  local after, ctx = bet(state, made, FIRST_CARD)
  assert(after.data.jackpot == nil and #ctx.contributions == 0 and #ctx.awards == 0)
end

return T
