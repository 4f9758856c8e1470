--- Video keno: choose numbers, then see how many of them are drawn.
--
-- A round is a single action: the stake is taken, the balls are drawn, the win is paid, all in one
-- step. The player may leave at any time.
--
--   idle --play--> idle
--     \--quick_pick--> idle       numbers drawn for the player, free of charge
--
-- Settings (manifest.json, overlaid by the site): numbers and draw, so many balls and so many of
-- them drawn; min_bet and max_bet; pays, by how many numbers were chosen and how many of them were
-- drawn: {"3": {"2": 2, "3": 48}}, in multiples of the stake.

local nightjar = require "nightjar"
local stakes = require "lib.stakes"

local array = nightjar.json.array

---@type nightjar.Engine
local M = { version = 1, actions = {} }

local function idle(data)
  return { name = "idle", data = data, actions = { "play", "quick_pick" } }
end

--- How many numbers may be chosen, as words: "3 to 10".
local function choices(settings)
  local lowest, highest = math.huge, 0
  for count in pairs(settings.pays) do
    lowest, highest = math.min(lowest, tonumber(count)), math.max(highest, tonumber(count))
  end
  return ("%d to %d"):format(lowest, highest)
end

--- Checks the numbers that a player wants. Returns them sorted, or nil, "bad_params" and why.
local function read_numbers(wanted, settings)
  if type(wanted) ~= "table" or not settings.pays[tostring(#wanted)] then
    return nil, "bad_params", "choose " .. choices(settings) .. " numbers"
  end
  local numbers, had = array(), {}
  for place, value in ipairs(wanted) do
    local number = stakes.whole(value)
    if not number or number < 1 or number > settings.numbers then
      return nil, "bad_params", "numbers must be from 1 to " .. settings.numbers
    end
    if had[number] then return nil, "bad_params", ("%d is chosen twice"):format(number) end
    numbers[place], had[number] = number, true
  end
  table.sort(numbers)
  return numbers
end

--- `play {"amount": n, "numbers": [3, 17, …]}`: a round with these numbers. Without `numbers`, with
-- those that lie on the table.
function M.actions.play(state, params, ctx)
  local settings = ctx.settings
  local amount, code, detail = stakes.read(params, settings.min_bet, settings.max_bet, 1, "credits")
  if not amount then return nil, code, detail end
  local numbers
  numbers, code, detail = read_numbers(params.numbers or state.data.numbers, settings)
  if not numbers then return nil, code, detail end

  ctx:debit(amount)
  local balls, drawn = ctx.random:sample(settings.numbers, settings.draw), {}
  for _, ball in ipairs(balls) do drawn[ball] = true end
  local hits = array()
  for _, number in ipairs(numbers) do if drawn[number] then hits[#hits + 1] = number end end
  local pay = settings.pays[tostring(#numbers)][tostring(#hits)] or 0
  -- A site may let rounds pay less than the rules do: more than this would not be accepted.
  local won = math.min(pay * amount, ctx.max_win or math.maxinteger)
  if won > 0 then ctx:credit(won) end
  return idle {
    numbers = numbers, balls = balls, hits = hits, bet = amount, total_winnings = won,
  }
end

--- `quick_pick {"count": n}`: n numbers by chance.
function M.actions.quick_pick(_, params, ctx)
  local settings = ctx.settings
  local count = stakes.whole(params.count)
  if not (count and settings.pays[tostring(count)]) then
    return nil, "bad_params", "count must be " .. choices(settings)
  end
  local numbers = ctx.random:sample(settings.numbers, count)
  table.sort(numbers)
  return idle { numbers = numbers, balls = array(), hits = array(), bet = 0, total_winnings = 0 }
end

--- A player may leave at any time: nothing is ever left open.
function M.can_finish() return true end

--- First state: an empty table. Raises when the settings contradict each other.
function M.init(settings)
  local any, most = false, stakes.pay_max(settings.max_bet)
  for count, pays in pairs(settings.pays) do
    local chosen = math.tointeger(tonumber(count))
    if not chosen or chosen < 1 or chosen > settings.numbers then
      error(("pays: %s is no number of numbers from 1 to %d"):format(count, settings.numbers), 0)
    end
    for hits, pay in pairs(pays) do
      local drawn = math.tointeger(tonumber(hits))
      if not drawn or drawn < 0 or drawn > math.min(chosen, settings.draw) then
        error(("pays of %s: %s of them cannot be drawn"):format(count, hits), 0)
      end
      if math.type(pay) ~= "integer" or pay < 0 then
        error(("pays of %s: %s must pay a whole number, not negative"):format(count, hits), 0)
      end
      stakes.check_pay(pay, most, ("pays of %s: %s of them"):format(count, hits))
    end
    any = true
  end
  if not any then error("pays must say what at least one number of numbers pays", 0) end
  if settings.draw < 1 or settings.draw > settings.numbers then
    error("draw must be from 1 to numbers", 0)
  end
  return idle { numbers = array(), balls = array(), hits = array(), bet = 0, total_winnings = 0 }
end

return M
