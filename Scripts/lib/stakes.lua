--- What a player stakes: read from an action's parameters, and checked.

local M = {}

local tointeger = math.tointeger

--- Credits, the most that a round may be able to pay: a number that every player's client can hold
-- exactly (2^53), and far from where whole numbers of 64 bits begin anew below zero.
M.WIN_MAX = 9000000000000000

--- What a pay may be, as a multiple of the whole bet, so that no bet can win more than `WIN_MAX`.
-- Raises when `max_bet` is no bet: to be asked while the first state is made.
---@param max_bet any the setting
---@return integer
function M.pay_max(max_bet)
  if math.type(max_bet) ~= "integer" or max_bet < 1 then
    error("max_bet must be a whole number of at least 1", 0)
  end
  return M.WIN_MAX // max_bet
end

--- Raises when a pay is above `most`.
---@param pay integer
---@param most integer from `M.pay_max`
---@param what string names the pay: "pays of moth: 3 of it"
function M.check_pay(pay, most, what)
  if pay <= most then return end
  local text = "%s may pay at most %d, not %d: with max_bet a round could pay more than %d"
  error(text:format(what, most, pay, M.WIN_MAX), 0)
end

--- Reads a whole number from a player's parameters: 4 and 4.0 are both fine in JSON.
---@param value any
---@return integer? number nil for everything else
function M.whole(value)
  return type(value) == "number" and tointeger(value) or nil
end

--- Reads the stake of an action: `amount`, or `bet_amount` as some clients call it.
---@param params table what the player sent
---@param lowest integer
---@param highest integer
---@param parts integer what the stake must be a multiple of: so many cards, lines …
---@param of string what these parts are, for the message: "lines"
---@return integer? amount nil when refused
---@return string? code "bad_params"
---@return string? detail
function M.read(params, lowest, highest, parts, of)
  local value = params.amount
  if value == nil then value = params.bet_amount end
  local amount = M.whole(value)
  if not amount then return nil, "bad_params", "amount must be a whole number" end
  lowest = math.max(lowest, parts)
  if amount < lowest or amount > highest then
    return nil, "bad_params", ("amount must be from %d to %d"):format(lowest, highest)
  end
  if amount % parts ~= 0 then
    local detail = ("amount must be a multiple of %d, the number of %s"):format(parts, of)
    return nil, "bad_params", detail
  end
  return amount
end

return M
