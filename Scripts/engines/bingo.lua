--- Bingo on cards of fifteen numbers, with extra balls.
--
-- A round: the player pays a stake for a series of cards, balls are drawn, each card pays for its
-- best pattern. The player may then buy further balls, one at a time, before the winnings are
-- paid out at the end.
--
--   idle --bet--> game --extra--> game --end--> idle      bet in `game` means: end, then bet
--     \--cards--> idle
--
-- Settings (a game's manifest, overlaid by the site): cards, numbers, draw, extra_balls,
-- extra_factor, min_bet, max_bet, pays; jackpot and jackpot_min_bet for a game with jackpots.

local nightjar = require "nightjar"
local nearest = require "lib.nearest"
local stakes = require "lib.stakes"

local array, null = nightjar.json.array, nightjar.json.null
local ceil, max = math.ceil, math.max
local format, sort = string.format, table.sort

---@type nightjar.Engine
local M = {}

--- Version of the state's shape. Raise it when that changes, and add `M.migrate`.
M.version = 1

-- A card is a grid of 3 rows and 5 columns, written out row by row. Position i (0 to 14) is bit i
-- of a card's "hits".
local ROWS, COLUMNS = 3, 5
local CELLS = ROWS * COLUMNS
local FULL = (1 << CELLS) - 1

-- More numbers than that no player can follow, and no action should take that long.
local NUMBERS_MAX = 300

--- Makes a mask of positions.
local function mask(...)
  local bits = 0
  for _, position in ipairs { ... } do bits = bits | 1 << position end
  return bits
end

local TOP, MIDDLE, BOTTOM = mask(0, 1, 2, 3, 4), mask(5, 6, 7, 8, 9), mask(10, 11, 12, 13, 14)

-- Each pattern lists the masks that complete it. Of two that pay the same, the one named first
-- counts.
local PATTERNS = {
  { name = "bingo", masks = { FULL } },
  { name = "frame", masks = { TOP | BOTTOM | mask(5, 9) } },
  { name = "double", masks = { TOP | MIDDLE, TOP | BOTTOM, MIDDLE | BOTTOM } },
  { name = "x", masks = { mask(0, 2, 4, 6, 8, 10, 12, 14) } },
  { name = "line", masks = { TOP, MIDDLE, BOTTOM } },
  { name = "corners", masks = { mask(0, 4, 10, 14) } },
}

-- Every way to complete a pattern, as one list: { pattern = its place in PATTERNS, mask = the
-- positions }. A set of ways is a number with one bit per way.
local WAYS = {}
for index, pattern in ipairs(PATTERNS) do
  for _, positions in ipairs(pattern.masks) do
    WAYS[#WAYS + 1] = { pattern = index, mask = positions }
  end
end

-- A card is looked at row by row, because a row has only 32 possible hits: TOP_WAYS[hits of the
-- row] is the set of ways that the top row does not stand in the way of. A way is complete when no
-- row stands in its way, that is in all three sets. (One table for all 32,768 hits of a card would
-- save two steps, but it is too large for the processor's cache.)
local ROW = (1 << COLUMNS) - 1

local function ways_by_row(row)
  local sets = {}
  for hits = 0, ROW do
    local set = 0
    for index, way in ipairs(WAYS) do
      local needed = way.mask >> (row * COLUMNS) & ROW
      if needed & hits == needed then set = set | 1 << (index - 1) end
    end
    sets[hits] = set
  end
  return sets
end

local TOP_WAYS, MIDDLE_WAYS, BOTTOM_WAYS = ways_by_row(0), ways_by_row(1), ways_by_row(2)

--- What the best of each set of ways pays, and its name, for one pay table.
---@class bingo.Prices
---@field pay integer[] by set of ways: multiple of the stake per card
---@field name (string|userdata)[] by set of ways: its name, or JSON null

---@return bingo.Prices
local function price_list(pays)
  local prices = { pay = {}, name = {} }
  for set = 0, (1 << #WAYS) - 1 do
    local best, name = 0, null
    for index, way in ipairs(WAYS) do
      local pattern = PATTERNS[way.pattern].name
      local pay = pays[pattern] or 0
      if set & 1 << (index - 1) ~= 0 and pay > best then best, name = pay, pattern end
    end
    prices.pay[set], prices.name[set] = best, name
  end
  return prices
end

-- Price lists in use. The host hands out the same settings table again and again, so its identity
-- serves as the key.
local price_lists, price_lists_count = {}, 0
local PRICE_LISTS_MAX = 16 -- one per site; forgotten together when there are more, then made again

---@return bingo.Prices
local function prices_for(pays)
  local prices = price_lists[pays]
  if not prices then
    if price_lists_count == PRICE_LISTS_MAX then price_lists, price_lists_count = {}, 0 end
    prices = price_list(pays)
    price_lists[pays], price_lists_count = prices, price_lists_count + 1
  end
  return prices
end

--- The best pattern of a card and what it pays; for tests and tools.
---@param hits integer bit i is set when position i has been drawn
---@param pays table<string, integer> multiples of the stake per card
---@return integer pay 0 when no pattern is complete
---@return string? name
function M.best(hits, pays)
  local prices = prices_for(pays)
  local set = TOP_WAYS[hits & ROW]
    & MIDDLE_WAYS[hits >> COLUMNS & ROW]
    & BOTTOM_WAYS[hits >> 2 * COLUMNS & ROW]
  local name = prices.name[set]
  return prices.pay[set], name ~= null and name or nil
end

--- Deals a series: as many disjoint cards as the settings say, each sorted and filled column by
-- column.
local function deal(settings, random)
  local drawn = random:sample(settings.numbers, settings.cards * CELLS)
  local cards = {}
  for c = 1, settings.cards do
    local numbers = table.move(drawn, (c - 1) * CELLS + 1, c * CELLS, 1, {})
    sort(numbers)
    local card = {}
    for position = 0, CELLS - 1 do
      local row, column = position // COLUMNS, position % COLUMNS
      card[position + 1] = numbers[column * ROWS + row + 1]
    end
    cards[c] = card
  end
  return cards
end

local function idle(cards)
  return { name = "idle", data = { cards = cards, balls = array() }, actions = { "bet", "cards" } }
end

-- is_drawn[number]: filled anew by every evaluation, kept between them only to spare the memory.
local is_drawn = {}

--- The hits of one row: bit i is set when its number `first + i` of the card has been drawn.
local function row_hits(card, first)
  local hits = 0
  if is_drawn[card[first]] then hits = 1 end
  if is_drawn[card[first + 1]] then hits = hits | 2 end
  if is_drawn[card[first + 2]] then hits = hits | 4 end
  if is_drawn[card[first + 3]] then hits = hits | 8 end
  if is_drawn[card[first + 4]] then hits = hits | 16 end
  return hits
end

--- What the missing numbers of one row would pay, each taken by itself, all added up.
---@param ways integer[] the row's sets of ways
---@param hits integer its hits
---@param others integer the ways that the other two rows allow
---@param pay integer[] by set of ways
local function row_chances(ways, hits, others, pay)
  local sum, missing = 0, ~hits & ROW
  while missing ~= 0 do
    local bit = missing & -missing
    sum = sum + pay[ways[hits | bit] & others]
    missing = missing ~ bit
  end
  return sum
end

-- MISSING[hits of a row] is how many of its numbers are still to come.
local MISSING = {}
for hits = 0, ROW do
  MISSING[hits] = COLUMNS
  for i = 0, COLUMNS - 1 do MISSING[hits] = MISSING[hits] - (hits >> i & 1) end
end

--- Marks the balls on the cards, works out the winnings and the price of the next ball, and
--- returns the state `game`.
---@param data table cards, balls, bet and extra_left are given; the rest is filled in
---@param most? integer what the round may still pay
local function evaluate(data, settings, most)
  local cards, balls = data.cards, data.balls
  local stake = data.bet // #cards
  local prices = prices_for(settings.pays)
  local pay = prices.pay

  for number = 1, settings.numbers do is_drawn[number] = false end
  for i = 1, #balls do is_drawn[balls[i]] = true end

  -- The price of the next ball follows what it would bring on average: each ball that is left
  -- raises one card's pay, or none.
  local winnings, patterns = {}, {}
  local total, gain, complete = 0, 0, true
  for c = 1, #cards do
    local card = cards[c]
    local top, middle, bottom = row_hits(card, 1), row_hits(card, 6), row_hits(card, 11)
    local top_ways, middle_ways = TOP_WAYS[top], MIDDLE_WAYS[middle]
    local bottom_ways = BOTTOM_WAYS[bottom]
    local set = top_ways & middle_ways & bottom_ways
    local pays_now, missing = pay[set], MISSING[top] + MISSING[middle] + MISSING[bottom]
    winnings[c], patterns[c] = stake * pays_now, prices.name[set]
    total = total + winnings[c]
    complete = complete and missing == 0
    gain = gain - missing * pays_now
      + row_chances(TOP_WAYS, top, middle_ways & bottom_ways, pay)
      + row_chances(MIDDLE_WAYS, middle, top_ways & bottom_ways, pay)
      + row_chances(BOTTOM_WAYS, bottom, top_ways & middle_ways, pay)
  end

  local left = settings.numbers - #balls
  local offer = data.extra_left > 0 and left > 0 and not complete
  -- The player is shown what will be paid, and sold no ball that can bring nothing more.
  if most and total >= most then offer, total = false, most end
  -- Multiply first: the product is exact, so that the one rounding of the division cannot push a
  -- whole price over itself.
  data.extra_cost = offer and max(stake, ceil(settings.extra_factor * (gain * stake) / left)) or 0
  data.winnings, data.total_winnings, data.patterns = winnings, total, patterns
  return { name = "game", data = data, actions = { "bet", "end", offer and "extra" or nil } }
end

--- Pays the winnings of a running round. Returns the state `idle`.
local function finish(state, ctx)
  -- The cap may have been lowered since the last ball.
  local won, most = state.data.total_winnings, ctx.max_win
  if most and won > most then won = most end
  if won > 0 then ctx:credit(won) end
  return idle(state.data.cards)
end

--- Feeds the jackpots with the stake, and pays them for a bingo within the balls of the draw. What
-- was won is in the player's hands already; `data.jackpot` only says so.
local function play_jackpot(data, settings, ctx)
  local won = ctx:contribute(data.bet) or {}
  for _, pattern in ipairs(data.patterns) do
    if pattern == "bingo" and data.bet >= (settings.jackpot_min_bet or 0) then
      for _, level in ipairs(ctx:award("bingo", data.bet) or {}) do won[#won + 1] = level end
      break
    end
  end
  local total = 0
  for _, level in ipairs(won) do total = total + level.amount end
  if total > 0 then data.jackpot = total end
end

M.actions = {}

--- `bet {"amount": n}`: starts a round. Ends a running one first, as a step of its own: it stands
-- even if the new stake is more than the player has.
function M.actions.bet(state, params, ctx)
  local settings, cards = ctx.settings, state.data.cards
  local amount, code, detail =
    stakes.read(params, settings.min_bet, settings.max_bet, #cards, "cards")
  if not amount then return nil, code, detail end
  if state.name == "game" then ctx:step(finish(state, ctx)) end
  ctx:debit(amount)
  local balls = ctx.random:sample(settings.numbers, settings.draw)
  local data = { cards = cards, balls = balls, bet = amount, extra_left = settings.extra_balls }
  local game = evaluate(data, settings, ctx.max_win)
  if settings.jackpot then play_jackpot(data, settings, ctx) end
  return game
end

--- `extra {}`: buys one more ball at the price offered. `extra {"cost": n}` insists on that price.
function M.actions.extra(state, params, ctx)
  local data, settings = state.data, ctx.settings
  if params.cost ~= nil and stakes.whole(params.cost) ~= data.extra_cost then
    return nil, "bad_params", format("the price is %d", data.extra_cost)
  end
  local drawn, left = {}, {}
  for _, ball in ipairs(data.balls) do drawn[ball] = true end
  for number = 1, settings.numbers do
    if not drawn[number] then left[#left + 1] = number end
  end
  ctx:debit(data.extra_cost, "extra")
  data.balls[#data.balls + 1] = ctx.random:pick(left)
  data.extra_left = data.extra_left - 1
  return evaluate(data, settings, ctx.max_win)
end

--- `end {}`: pays out and closes the round; the cards stay.
M.actions["end"] = function(state, _, ctx)
  return finish(state, ctx)
end

--- `cards {}`: deals a new series, free of charge.
function M.actions.cards(_, _, ctx)
  return idle(deal(ctx.settings, ctx.random))
end

--- A player may leave between rounds only.
function M.can_finish(state)
  return state.name == "idle"
end

local WHOLE = { "cards", "numbers", "draw", "extra_balls", "min_bet", "max_bet" }

-- A setting that is misspelt or of another kind is to be found before anybody bets.
local function check_kinds(settings)
  for _, name in ipairs(WHOLE) do
    if math.type(settings[name]) ~= "integer" then
      error(format("the setting %s must be a whole number", name), 0)
    end
  end
  if type(settings.extra_factor) ~= "number" then error("extra_factor must be a number", 0) end
  if type(settings.pays) ~= "table" then error("pays must be an object", 0) end
  local names, most = {}, stakes.pay_max(settings.max_bet)
  for _, pattern in ipairs(PATTERNS) do names[#names + 1] = pattern.name end
  for name, pay in pairs(settings.pays) do
    if nearest.find(name, names) ~= name then
      error(format("pays: there is no pattern \"%s\"%s", name, nearest.hint(name, names)), 0)
    end
    if math.type(pay) ~= "integer" or pay < 0 then
      error(format("pays: %s must be a whole number of at least 0", name), 0)
    end
    stakes.check_pay(pay, most, "pays: " .. name)
  end
end

--- First state of a game session. Raises when the settings contradict each other: the operator
-- has to know, not the player.
function M.init(settings, ctx)
  check_kinds(settings)
  local numbers = settings.numbers
  if numbers > NUMBERS_MAX then error(format("numbers must be at most %d", NUMBERS_MAX)) end
  if settings.cards < 1 or settings.cards * CELLS > numbers then
    error(format("%d cards of %d do not fit into %d numbers", settings.cards, CELLS, numbers))
  end
  if settings.draw < 1 or settings.draw > numbers then error("draw must be from 1 to numbers") end
  return idle(deal(settings, ctx.random))
end

return M
