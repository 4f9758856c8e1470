--- Where the money is: the players and all that was done, in the store.

local nightjar = require "nightjar"

local store = nightjar.store

local M = {}

-- Seconds that an entry is kept: longer than any casino tries again.
local ENTRY_SECONDS = 90 * 24 * 3600

-- Seconds that a call waits for the ones before it. The casino gives up earlier, and asks again.
local TURN_SECONDS = 5

-- Players of whom a call is under way.
local busy = {}

local function free(player) return "wallet free " .. player end

--- Does something with a player's books while nobody else does: between reading a balance and
--- writing it, another call of the same player must wait. Other players go on meanwhile.
---@param player string
---@param work fun(): table
---@return table answer for HTTP
function M.with_player(player, work)
  local give_up = nightjar.now() + TURN_SECONDS * 1000
  while busy[player] do
    local left = (give_up - nightjar.now()) / 1000
    if left <= 0 then
      return { status = 503, json = { error = "unavailable", message = "too many calls at once" } }
    end
    nightjar.event.wait(free(player), left)
  end
  busy[player] = true
  local is_done, result = pcall(work)
  busy[player] = nil
  nightjar.event.notify(free(player))
  if not is_done then error(result, 0) end
  return result
end

local function player_key(id) return "player:" .. id end
local function entry_key(id) return "entry:" .. id end

-- A value, or nil when there is none; second result: why it cannot be told.
local function read(key)
  local value, code = store.get(key)
  if value == nil and type(code) == "string" then return nil, code end
  return value
end

--- Reads all that a call needs.
---@param name string
---@param call table
---@return wallet.Found?
---@return string? failure
function M.find(name, call)
  local wanted = { player = player_key(call.player) }
  if name == "debit" or name == "credit" then wanted.entry = entry_key(call.id) end
  if name == "rollback" then wanted.debit = entry_key(call.debit) end
  local found = {}
  for what, key in pairs(wanted) do
    local value, failure = read(key)
    if failure then return nil, failure end
    found[what] = value
  end
  return found
end

--- Keeps what was decided: the balance and the entry together, or nothing.
---@param outcome wallet.Outcome
---@return boolean? is_kept
---@return string? failure
function M.keep(outcome)
  if not outcome.is_changed then return true end
  local changes = { { "set", player_key(outcome.player_id), outcome.player } }
  if outcome.entry then
    changes[2] = { "set", entry_key(outcome.entry_id), outcome.entry, ENTRY_SECONDS }
  end
  return store.batch(changes)
end

return M
