local engine = require "engine"
local manifest = require "manifest"
local testing = require "lib.testing"

local act = testing.act
local SETTINGS = { min_bet = 2, max_bet = 100, max_win = 400 }
local RANKS = { "A", "2", "3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K" }

-- A shuffled deck with these cards on top, in the order in which they are drawn: player, dealer,
-- player, dealer's hidden card, then whoever takes one.
local function deck(...)
  local top, rest, seen = { ... }, {}, {}
  for _, card in ipairs(top) do seen[card] = true end
  for _, suit in ipairs { "♠", "♥", "♦", "♣" } do
    for _, rank in ipairs(RANKS) do
      if not seen[rank .. suit] then rest[#rest + 1] = rank .. suit end
    end
  end
  for i = #top, 1, -1 do rest[#rest + 1] = top[i] end
  return rest
end

local function deal(amount, ...)
  local ctx = testing.context(SETTINGS, { random = testing.fixed(deck(...)) })
  return act(engine, engine.init(), "deal", { amount = amount }, ctx), ctx
end

local function context() return testing.context(SETTINGS) end

local T = {}

function T.the_settings_of_the_manifest_make_a_game()
  local shipped = manifest.settings
  local ctx = testing.context(shipped)
  assert(act(engine, engine.init(shipped, ctx), "deal", { amount = shipped.min_bet }, ctx))
end

function T.the_hidden_card_and_the_deck_are_private()
  local state = deal(10, "9♠", "7♦", "8♠", "K♥")
  testing.equal(state.data.player, { "9♠", "8♠" })
  testing.equal(state.data.dealer, { "7♦", "🂠" })
  assert(state.data.stake == 10 and state.data.total == 17)
  assert(state.private.hole == "K♥" and #state.private.deck == 48)
  assert(state.name == "playing" and not engine.can_finish(state))
end

function T.the_dealer_draws_to_17_and_the_better_hand_wins()
  local state = deal(10, "10♠", "7♦", "9♠", "5♥", "4♣", "K♣")
  local ctx = context()
  local idle = act(engine, state, "stand", {}, ctx)
  testing.equal(idle.data.dealer, { "7♦", "5♥", "4♣", "K♣" })
  assert(idle.data.result == "won" and idle.data.won == 20 and ctx:sum() == 20)
  testing.equal(ctx.marks, { "won" })
  assert(idle.private == nil and engine.can_finish(idle))
end

function T.equal_hands_give_the_stake_back()
  local ctx = context()
  local idle = act(engine, (deal(10, "10♠", "K♦", "9♠", "9♥")), "stand", {}, ctx)
  assert(idle.data.result == "push" and ctx:sum() == 10)
end

function T.over_21_is_lost_and_the_dealer_takes_no_card()
  local ctx = context()
  local idle = act(engine, (deal(10, "10♠", "2♦", "6♠", "2♥", "K♣")), "hit", {}, ctx)
  assert(idle.data.result == "bust" and ctx:sum() == 0 and #idle.data.dealer == 2)
end

function T.a_blackjack_ends_the_round_at_once_and_pays_three_to_two()
  local idle, ctx = deal(10, "A♠", "7♦", "K♠", "8♥")
  assert(idle.name == "idle" and idle.data.result == "blackjack")
  assert(idle.data.won == 25 and ctx:sum() == 15)
  idle, ctx = deal(10, "A♠", "A♦", "K♠", "K♥")
  assert(idle.data.result == "push" and ctx:sum() == 0)
end

function T.a_dealers_blackjack_beats_21()
  local state = deal(10, "5♠", "A♦", "6♠", "K♥", "10♣")
  local idle = act(engine, state, "hit", {}, context())
  assert(idle.data.total == 21 and idle.data.result == "lost")
end

function T.an_ace_counts_one_when_eleven_is_too_much()
  local state = deal(10, "A♠", "7♦", "6♠", "10♥", "9♣")
  assert(state.data.total == 17)
  state = act(engine, state, "hit", {}, context())
  assert(state.data.total == 16 and #state.actions == 2)
end

function T.doubling_stakes_as_much_again_and_takes_one_card()
  local state = deal(10, "5♠", "7♦", "6♠", "10♥", "10♣")
  local ctx = context()
  local idle = act(engine, state, "double", {}, ctx)
  assert(idle.data.total == 21 and idle.data.won == 40 and ctx:sum() == 30)
  testing.equal(ctx.effects, { { "extra", -10 }, { "win", 40 } })
  testing.equal(ctx.marks, { "doubled", "won" })
end

function T.no_round_pays_more_than_the_cap()
  local ctx = testing.context({ min_bet = 2, max_bet = 100, max_win = 15 })
  local idle = act(engine, (deal(10, "10♠", "K♦", "9♠", "8♥")), "stand", {}, ctx)
  assert(idle.data.won == 15 and ctx:sum() == 15)
end

function T.who_does_not_come_back_stands()
  local ctx = context()
  local idle = engine.timeout(deal(10, "10♠", "K♦", "9♠", "8♥"), ctx)
  assert(idle.name == "idle" and ctx:sum() == 20)
end

function T.bad_stakes_are_refused()
  for _, amount in ipairs { 0, 1, 3, 101, 102, 2.5, "10" } do
    local ctx = testing.context(SETTINGS)
    local state, code = act(engine, engine.init(), "deal", { amount = amount }, ctx)
    assert(state == nil and code == "bad_params" and ctx:sum() == 0)
  end
end

return T
