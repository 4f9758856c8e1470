--- What a call does to the books. Nothing here waits: what is known goes in, what is to be kept
-- comes out, so all of it can be tested by itself (spec/rules_spec.lua).

local nightjar = require "nightjar"

local M = {}

M.CALLS = { "authenticate", "balance", "debit", "credit", "rollback" }

-- The HTTP status that goes with each code. A casino believes a refusal only if both are right.
M.STATUS = {
  bad_request = 400,
  bad_signature = 401,
  insufficient_funds = 402,
  auth_failed = 403,
  blocked = 403,
  unknown_player = 404,
  wrong_currency = 409,
  id_conflict = 409,
  rolled_back = 409,
}

-- Bytes of a player's id: it becomes part of a key.
local PLAYER_BYTES_MAX = 200
local ID_BYTES_MAX = 64

--- One who plays.
---@class wallet.Player
---@field balance integer
---@field currency string
---@field token? string
---@field blocked? boolean he may not stake; what he has won is paid all the same

--- A debit or credit that was done, under its id.
---@class wallet.Entry
---@field says string all that the call said, so that another one with the same id is noticed
---@field call string
---@field player string
---@field amount integer
---@field rolled_back? boolean it does not count, now or ever

--- What is known when a call comes.
---@class wallet.Found
---@field player? wallet.Player
---@field entry? wallet.Entry what was done under the call's id
---@field debit? wallet.Entry what was done under the id of the debit that is to be rolled back

--- What becomes of a call: a refusal, or what is to be kept.
---@class wallet.Outcome
---@field refused? string
---@field message? string
---@field player? wallet.Player
---@field player_id? string
---@field is_changed? boolean there is something to be kept
---@field entry_id? string
---@field entry? wallet.Entry
---@field undone? boolean of a rollback: there was a debit to undo

local function is_text(value, most)
  return type(value) == "string" and #value >= 1 and #value <= most
    and not value:find("[%z\1-\31]")
end

--- What is wrong with a call as such; nil: nothing.
---@param name string
---@param call table
---@return string?
function M.problem(name, call)
  if not is_text(call.id, ID_BYTES_MAX) then return "\"id\" must be a text of 1 to 64 bytes" end
  if not is_text(call.player, PLAYER_BYTES_MAX) then
    return "\"player\" must be a text of 1 to 200 bytes"
  end
  if not is_text(call.currency, 16) then return "\"currency\" must be a text of 1 to 16 bytes" end
  if name == "authenticate" and type(call.token) ~= "string" then return "\"token\" is missing" end
  if name == "debit" or name == "credit" then
    if math.type(call.amount) ~= "integer" or call.amount < 1 then
      return "\"amount\" must be a whole number from 1"
    end
  end
  if name == "rollback" and not is_text(call.debit, ID_BYTES_MAX) then
    return "\"debit\" must be the id of a debit"
  end
  return nil
end

local function refuse(code, message) return { refused = code, message = message } end

-- All that makes two calls with one id the same.
local function says(name, call)
  return table.concat({ name, call.player, call.currency, tostring(call.amount) }, "\n")
end

local function changed(player, balance)
  local copy = {}
  for key, value in pairs(player) do copy[key] = value end
  copy.balance = balance
  return copy
end

local calls = {}

function calls.authenticate(call, found, settings)
  local listed = settings.players[call.player]
  local wanted = listed and listed.token or (found.player and found.player.token)
  -- How long the comparison takes must not tell how much of a token was right.
  local fits = not wanted or nightjar.crypto.equal(call.token, tostring(wanted))
  if call.token == "" or not fits then
    return refuse("auth_failed", "the token is not this player's")
  end
  if found.player then return { player = found.player } end
  local player = {
    balance = listed and listed.balance or settings.opening_balance,
    currency = listed and listed.currency or call.currency,
    token = call.token,
  }
  if player.currency ~= call.currency then
    return refuse("wrong_currency", "the player has " .. player.currency)
  end
  return { player = player, player_id = call.player, is_changed = true }
end

function calls.balance(_, found) return { player = found.player } end

function calls.debit(call, found)
  local player, entry = found.player, found.entry
  if entry then
    if entry.rolled_back then return refuse("rolled_back", "this debit does not count any more") end
    if entry.says ~= says("debit", call) then return refuse("id_conflict", "the id is in use") end
    return { player = player }
  end
  if player.blocked then return refuse("blocked", "this player may not stake") end
  if player.balance < call.amount then
    return refuse("insufficient_funds", "the player has " .. player.balance)
  end
  return {
    player = changed(player, player.balance - call.amount), player_id = call.player,
    is_changed = true, entry_id = call.id,
    entry = {
      says = says("debit", call), call = "debit", player = call.player, amount = call.amount,
    },
  }
end

function calls.credit(call, found)
  local player, entry = found.player, found.entry
  if entry then
    if entry.says ~= says("credit", call) then return refuse("id_conflict", "the id is in use") end
    return { player = player }
  end
  if player.balance > math.maxinteger - call.amount then
    return refuse("bad_request", "the balance would not fit into 64 bits")
  end
  return {
    player = changed(player, player.balance + call.amount), player_id = call.player,
    is_changed = true, entry_id = call.id,
    entry = {
      says = says("credit", call), call = "credit", player = call.player, amount = call.amount,
    },
  }
end

function calls.rollback(call, found)
  local player, debit = found.player, found.debit
  if not debit then
    -- It has not come yet, and must not count when it does: its id is taken.
    return {
      player = player, player_id = call.player, is_changed = true, undone = false,
      entry_id = call.debit,
      entry = { says = "", call = "debit", player = call.player, amount = 0, rolled_back = true },
    }
  end
  if debit.call ~= "debit" or debit.player ~= call.player then
    return refuse("id_conflict", "this is no debit of the player")
  end
  if debit.rolled_back then return { player = player, undone = debit.amount > 0 } end
  local entry = {}
  for key, value in pairs(debit) do entry[key] = value end
  entry.rolled_back = true
  return {
    player = changed(player, player.balance + debit.amount), player_id = call.player,
    is_changed = true, undone = true, entry_id = call.debit, entry = entry,
  }
end

--- Decides on a call that is in order.
---@param name string
---@param call table
---@param found wallet.Found
---@param settings table
---@return wallet.Outcome
function M.decide(name, call, found, settings)
  if name ~= "authenticate" and not found.player then
    return refuse("unknown_player", "there is no such player")
  end
  if found.player and found.player.currency ~= call.currency then
    return refuse("wrong_currency", "the player has " .. found.player.currency)
  end
  return calls[name](call, found, settings)
end

return M
