--- Toss a coin. Who calls it right may take the pot or risk it for twice as much.
---@type nightjar.Engine
local M = { version = 1, actions = {} }

local function idle(data)
  return { name = "idle", data = data, actions = { "toss" } }
end

-- Tosses for `pot`, which is what the player gets if the call is right.
local function toss(call, pot, ctx)
  if call ~= "heads" and call ~= "tails" then return nil, "bad_params", "call heads or tails" end
  local coin = ctx.random:pick { "heads", "tails" }
  if coin ~= call then return idle { coin = coin, won = 0 } end
  local actions = { "take", 2 * pot <= ctx.settings.max_pot and "double" or nil }
  return { name = "won", data = { coin = coin, pot = pot }, actions = actions }
end

function M.init() return idle {} end

function M.actions.toss(_, params, ctx)
  local amount, settings = params.amount, ctx.settings
  if math.type(amount) ~= "integer" or amount < settings.min_bet or amount > settings.max_bet then
    local limits = settings.min_bet .. " to " .. settings.max_bet
    return nil, "bad_params", "amount must be from " .. limits
  end
  ctx:debit(amount)
  return toss(params.call, 2 * amount, ctx)
end

function M.actions.double(state, params, ctx)
  return toss(params.call, 2 * state.data.pot, ctx)
end

function M.actions.take(state, _, ctx)
  local pot = math.min(state.data.pot, ctx.max_win or state.data.pot)
  ctx:credit(pot)
  return idle { won = pot }
end

function M.can_finish(state) return state.name == "idle" end

function M.timeout(state, ctx) return M.actions.take(state, {}, ctx) end

return M
