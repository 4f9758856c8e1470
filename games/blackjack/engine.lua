--- Blackjack against the dealer, with one deck that is shuffled for every round.
--
--   idle --deal--> playing --stand, or over 21--> idle
--                  | hit: one more card
--                  | double: twice the stake, one more card, then stand
--
-- What nobody may see before the time lies in `private`: the dealer's face-down card and the rest
-- of the deck. The server stores it with the state and hands it back here, and sends it to nobody.

---@type nightjar.Engine
local M = { version = 1, actions = {} }

local RANKS = { "A", "2", "3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K" }
local SUITS = { "♠", "♥", "♦", "♣" }
local FACE_DOWN = "🂠" -- what the player sees of the hidden card
local DEALER_STANDS_ON = 17

-- What a card counts: an ace 1, for now, and a picture 10.
local POINTS = {}
for i, rank in ipairs(RANKS) do POINTS[rank] = math.min(i, 10) end

--- A card is a string, its rank and then its suit: "A♠", "10♥". Makes all 52 of them.
local function new_deck()
  local deck = {}
  for _, suit in ipairs(SUITS) do
    for _, rank in ipairs(RANKS) do deck[#deck + 1] = rank .. suit end
  end
  return deck
end

--- What a hand counts: one ace may be 11, if that does not go over 21.
local function total(hand)
  local points, has_ace = 0, false
  for _, card in ipairs(hand) do
    local rank = card:match("^[%w]+")
    points, has_ace = points + POINTS[rank], has_ace or rank == "A"
  end
  return has_ace and points <= 11 and points + 10 or points
end

local function is_blackjack(hand)
  return #hand == 2 and total(hand) == 21
end

local function idle(data)
  return { name = "idle", data = data, actions = { "deal" } }
end

--- The state of a running round. `stake` is what is in the pot; `hole` is the dealer's hidden card.
local function playing(stake, player, up, hole, deck)
  local actions = { "hit", "stand" }
  if #player == 2 then actions[3] = "double" end
  return {
    name = "playing",
    data = { stake = stake, player = player, total = total(player), dealer = { up, FACE_DOWN } },
    private = { hole = hole, deck = deck },
    actions = actions,
  }
end

--- Takes the top card of the deck, the last of the list.
local function draw(deck)
  return table.remove(deck)
end

--- What a finished round pays, and what to call it. A blackjack pays three to two.
local function result(stake, player, dealer)
  local mine, theirs = total(player), total(dealer)
  if mine > 21 then return 0, "bust" end
  if is_blackjack(player) and not is_blackjack(dealer) then
    return stake + stake * 3 // 2, "blackjack"
  end
  if is_blackjack(dealer) and not is_blackjack(player) then return 0, "lost" end
  if theirs > 21 or mine > theirs then return 2 * stake, "won" end
  if mine == theirs then return stake, "push" end
  return 0, "lost"
end

--- Turns the hidden card over, plays the dealer's hand and pays. Returns the state `idle`.
local function finish(stake, player, up, hole, deck, ctx)
  local dealer = { up, hole }
  -- Against a hand that is over, or that nothing can beat, the dealer takes no card.
  if total(player) <= 21 and not is_blackjack(player) then
    while total(dealer) < DEALER_STANDS_ON do dealer[#dealer + 1] = draw(deck) end
  end
  local won, name = result(stake, player, dealer)
  -- A site may let rounds pay less than the rules do: more than this would not be accepted.
  won = math.min(won, ctx.max_win or won)
  if won > 0 then ctx:credit(won) end
  ctx:mark(name)
  return idle {
    player = player, total = total(player), dealer = dealer, dealer_total = total(dealer),
    result = name, won = won,
  }
end

--- Ends the round that is in `state`, with these cards in the player's hand.
local function stand(state, stake, player, ctx)
  local private = state.private
  return finish(stake, player, state.data.dealer[1], private.hole, private.deck, ctx)
end

function M.init() return idle {} end

--- `deal {"amount": n}`: takes the stake and deals. An even stake, so that three to two is whole.
function M.actions.deal(_, params, ctx)
  local amount, settings = params.amount, ctx.settings
  if math.type(amount) ~= "integer" or amount < settings.min_bet or amount > settings.max_bet then
    local limits = settings.min_bet .. " to " .. settings.max_bet
    return nil, "bad_params", "amount must be from " .. limits
  end
  if amount % 2 ~= 0 then return nil, "bad_params", "amount must be even" end
  ctx:debit(amount)
  local deck = ctx.random:shuffle(new_deck())
  local first, up, second, hole = draw(deck), draw(deck), draw(deck), draw(deck)
  local player = { first, second }
  if is_blackjack(player) then return finish(amount, player, up, hole, deck, ctx) end
  return playing(amount, player, up, hole, deck)
end

--- `hit {}`: one more card. Over 21 the round is lost.
function M.actions.hit(state, _, ctx)
  local data, private = state.data, state.private
  local player = data.player
  player[#player + 1] = draw(private.deck)
  if total(player) >= 21 then return stand(state, data.stake, player, ctx) end
  return playing(data.stake, player, data.dealer[1], private.hole, private.deck)
end

--- `stand {}`: the dealer's turn.
function M.actions.stand(state, _, ctx)
  return stand(state, state.data.stake, state.data.player, ctx)
end

--- `double {}`: the same stake once more, one card, and the dealer's turn. Its kind is not "bet":
-- it belongs to the round that is open.
M.actions["double"] = function(state, _, ctx)
  local data = state.data
  local player = data.player
  if #player ~= 2 then return nil, "action_not_allowed", "only two cards can be doubled" end
  ctx:debit(data.stake, "extra")
  ctx:mark("doubled")
  player[3] = draw(state.private.deck)
  return stand(state, 2 * data.stake, player, ctx)
end

--- A player may leave between rounds only.
function M.can_finish(state) return state.name == "idle" end

--- Who does not come back stands.
function M.timeout(state, ctx) return M.actions.stand(state, {}, ctx) end

return M
