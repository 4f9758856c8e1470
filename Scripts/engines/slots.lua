--- Slots: reels that stop anywhere on their strips, and lines across them that pay from the left.
--
-- A round is a single action: the stake is taken, the reels stop, what the lines win is paid, all
-- in one step. The player may leave at any time.
--
--   idle --spin--> idle
--
-- Settings (a game's manifest, overlaid by the site):
--
--   strips     a list of symbols per reel; a reel shows `rows` of them, one below the other, and
--              goes on from the last symbol with the first
--   rows       symbols that a reel shows; 3 unless given
--   paylines   a list of rows per line, one row for each reel, 0 is the top one
--   pays       what a symbol pays, by how many of it stand on a line from the left on, in
--              multiples of the stake per line: {"moth": {"3": 20, "4": 75}}
--   wild       a symbol that stands for every other one; none unless given
--   min_bet, max_bet

local nightjar = require "nightjar"
local stakes = require "lib.stakes"

local array = nightjar.json.array
local format = string.format

---@type nightjar.Engine
local M = { actions = {} }

--- Version of the state's shape. Raise it when that changes, and add `M.migrate`.
M.version = 1

-- More than these no player can follow, and no spin should take that long.
local REELS_MAX, ROWS_MAX, LINES_MAX, STRIP_MAX = 8, 6, 100, 1000

--- What follows from a game's settings, worked out once.
---@class slots.Plan
---@field rows integer
---@field strips string[][] each reel's symbols; the first ones again at the end, so that no window
---  has to go around
---@field lengths integer[] each strip's length without these
---@field paylines integer[][] as in the settings, but rows from 1
---@field pays table<string, integer[]> by symbol: what 1, 2, … of it pay
---@field wild? string
---@field wilds slots.Win[] by count: the best win of a line that begins with so many wilds

---@class slots.Win
---@field symbol string
---@field count integer
---@field pay integer multiple of the stake per line

--- Raises unless `value` is a list, not empty, of at most `most` elements.
local function check_list(value, most, name)
  if type(value) ~= "table" or #value == 0 then error(name .. " must be a list, not empty", 0) end
  if #value > most then error(format("%s has %d elements, at most %d", name, #value, most), 0) end
end

--- Reads what one symbol pays: a list from 1 to the number of reels, in which a count without a pay
-- of its own pays like the next lower one.
---@param most integer the stake is the same on every line: all of them together pay so many bets
local function read_pays(symbol, pays, reels, most)
  if type(pays) ~= "table" then error(format("pays of %s must be an object", symbol), 0) end
  local list, last = {}, 0
  for count = 1, reels do
    local pay = pays[tostring(count)]
    if pay ~= nil then
      if math.type(pay) ~= "integer" or pay < last then
        local text = "pays of %s: %d of it must pay a whole number, not less than fewer of it"
        error(format(text, symbol, count), 0)
      end
      stakes.check_pay(pay, most, format("pays of %s: %d of it", symbol, count))
      last = pay
    end
    list[count] = last
  end
  for count in pairs(pays) do
    if not list[math.tointeger(tonumber(count))] then
      error(format("pays of %s: %s is no number of reels", symbol, count), 0)
    end
  end
  return list
end

--- Works out the plan. Raises when the settings contradict each other.
---@return slots.Plan
local function make_plan(settings)
  local plan = { rows = settings.rows or 3, strips = {}, lengths = {}, paylines = {}, pays = {} }
  if math.type(plan.rows) ~= "integer" or plan.rows < 1 or plan.rows > ROWS_MAX then
    error(format("rows must be from 1 to %d", ROWS_MAX), 0)
  end
  check_list(settings.strips, REELS_MAX, "strips")
  check_list(settings.paylines, LINES_MAX, "paylines")
  if type(settings.pays) ~= "table" then error("pays must be an object", 0) end
  local reels, used = #settings.strips, {}
  local most = stakes.pay_max(settings.max_bet)
  plan.wild = settings.wild

  for symbol, pays in pairs(settings.pays) do
    plan.pays[symbol] = read_pays(symbol, pays, reels, most)
  end
  for reel, strip in ipairs(settings.strips) do
    check_list(strip, STRIP_MAX, "strip " .. reel)
    if #strip < plan.rows then
      error(format("strip %d has fewer symbols than the %d rows", reel, plan.rows), 0)
    end
    local symbols = {}
    for place, symbol in ipairs(strip) do
      if symbol ~= plan.wild and not plan.pays[symbol] then
        local text = "strip %d has the symbol %s, which is not in pays; {} there pays nothing"
        error(format(text, reel, symbol), 0)
      end
      symbols[place], used[symbol] = symbol, true
    end
    for row = 1, plan.rows - 1 do symbols[#strip + row] = strip[row] end
    plan.strips[reel], plan.lengths[reel] = symbols, #strip
  end
  for symbol in pairs(plan.pays) do
    if not used[symbol] then error(format("no strip has the symbol %s of pays", symbol), 0) end
  end
  if plan.wild and not used[plan.wild] then
    error(format("no strip has the wild symbol %s", plan.wild), 0)
  end
  for line, rows in ipairs(settings.paylines) do
    check_list(rows, reels, "payline " .. line)
    if #rows ~= reels then error(format("payline %d must have %d rows", line, reels), 0) end
    plan.paylines[line] = {}
    for reel, row in ipairs(rows) do
      if math.type(row) ~= "integer" or row < 0 or row >= plan.rows then
        error(format("payline %d: %s is no row from 0 to %d", line, row, plan.rows - 1), 0)
      end
      plan.paylines[line][reel] = row + 1
    end
  end

  -- Wilds at the left stand for whatever pays best; names in order, so that it is always the same.
  plan.wilds = {}
  local symbols = {}
  for symbol in pairs(plan.pays) do symbols[#symbols + 1] = symbol end
  table.sort(symbols)
  for count = 1, reels do
    local own = plan.pays[plan.wild]
    local best = { symbol = plan.wild, count = count, pay = own and own[count] or 0 }
    for _, symbol in ipairs(symbols) do
      local pay = plan.pays[symbol][count]
      if pay > best.pay then best = { symbol = symbol, count = count, pay = pay } end
    end
    plan.wilds[count] = best
  end
  return plan
end

-- Plans in use. The host hands out the same settings table again and again, so its identity serves
-- as the key.
local plans, plans_count = {}, 0
local PLANS_MAX = 16 -- one per site; forgotten together when there are more, then made again

---@return slots.Plan
local function plan_for(settings)
  local plan = plans[settings]
  if not plan then
    plan = make_plan(settings)
    if plans_count == PLANS_MAX then plans, plans_count = {}, 0 end
    plans[settings], plans_count = plan, plans_count + 1
  end
  return plan
end

--- What the symbols of a line win, from the left on.
--
-- The wins that a line could be read as are those of its first symbol that is not wild, with the
-- wilds before and between, and those of the wilds at its beginning alone. The better one counts.
---@param plan slots.Plan
---@return integer pay multiple of the stake per line, 0 for none
---@return string? symbol
---@return integer? count
local function line_win(plan, symbols)
  local wild, reels = plan.wild, #symbols
  local wilds = 0
  while wilds < reels and symbols[wilds + 1] == wild do wilds = wilds + 1 end
  local best = plan.wilds[wilds]
  if wilds < reels then
    local first, count = symbols[wilds + 1], wilds + 1
    while count < reels and (symbols[count + 1] == first or symbols[count + 1] == wild) do
      count = count + 1
    end
    local pay = plan.pays[first][count]
    if pay > 0 and pay >= (best and best.pay or 0) then return pay, first, count end
  end
  if best and best.pay > 0 then return best.pay, best.symbol, best.count end
  return 0
end

--- What a line wins; for tests and tools.
---@param settings table effective settings of the game
---@param symbols string[] one per reel
---@return integer pay multiple of the stake per line
---@return string? symbol
---@return integer? count
function M.line_win(settings, symbols)
  return line_win(plan_for(settings), symbols)
end

--- The symbols that the reels show.
---@param plan slots.Plan
---@param stops integer[] where on its strip each reel's top symbol lies, from 0
local function windows(plan, stops)
  local reels = {}
  for reel, stop in ipairs(stops) do
    reels[reel] = table.move(plan.strips[reel], stop + 1, stop + plan.rows, 1, {})
  end
  return reels
end

--- The state `idle` with the reels as they stand.
---@param stake integer per line; 0 when nobody has played
local function idle(plan, stops, stake)
  local reels = windows(plan, stops)
  local lines, winnings, total = array(), {}, 0
  local symbols = {}
  for line, rows in ipairs(plan.paylines) do
    local win = 0
    if stake > 0 then
      for reel, row in ipairs(rows) do symbols[reel] = reels[reel][row] end
      local pay, symbol, count = line_win(plan, symbols)
      win = pay * stake
      if win > 0 then
        lines[#lines + 1] = { line = line - 1, symbol = symbol, count = count, win = win }
      end
    end
    winnings[line], total = win, total + win
  end
  local data = {
    stops = stops, reels = reels, lines = lines, winnings = winnings, total_winnings = total,
    bet = stake * #plan.paylines,
  }
  return { name = "idle", data = data, actions = { "spin" } }
end

--- `spin {"amount": n}`: stakes n, the same on every line, lets the reels turn, and pays.
function M.actions.spin(_, params, ctx)
  local settings = ctx.settings
  local plan = plan_for(settings)
  local count = #plan.paylines
  local amount, code, detail =
    stakes.read(params, settings.min_bet, settings.max_bet, count, "lines")
  if not amount then return nil, code, detail end
  ctx:debit(amount)
  local random, stops = ctx.random, {}
  for reel, length in ipairs(plan.lengths) do stops[reel] = random:integer(0, length - 1) end
  local state = idle(plan, stops, amount // count)
  -- A site may let rounds pay less than the rules do: more than this would not be accepted.
  local won = math.min(state.data.total_winnings, ctx.max_win or math.maxinteger)
  if won > 0 then ctx:credit(won) end
  state.data.total_winnings = won
  return state
end

--- A player may leave at any time: nothing is ever left open.
function M.can_finish() return true end

--- First state of a game session: each strip from its beginning, nothing won. Raises when the
-- settings contradict each other: the operator has to know, not the player.
function M.init(settings)
  local plan = make_plan(settings)
  local lowest = math.max(settings.min_bet, #plan.paylines)
  if lowest > settings.max_bet then
    error(format("max_bet must be at least %d, or nobody can play", lowest), 0)
  end
  local stops = {}
  for reel in ipairs(plan.strips) do stops[reel] = 0 end
  return idle(plan, stops, 0)
end

return M
