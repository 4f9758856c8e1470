--- The jackpots in a site file: what may stand there, and what it comes to.
--
-- A jackpot is one level, or a list of `levels` (mini, minor, major, grand). Each level grows by
-- `rate_bp` hundredths of a percent of every stake, from `min` to `max`, and is won by its
-- `trigger`:
--
--   {"on": "bingo"}          the game's engine says that this has happened; without a trigger:
--                            whatever the engine takes for a win
--   {"one_in": 2000000}      by chance, each credit staked is one of so many lots
--   {"must_hit_by": 500000}  by the stake that reaches a secret value, at most this one
--
-- Amounts are in storage units: a credit has `storage_multiplier` of them.

local nearest = require "lib.nearest"

local M = {}

-- Of the id of a jackpot, and of a level: both become part of one key in the store, behind the
-- names of the platform and the site.
local ID_BYTES_MAX = 64

local RATE_MAX = 10000 -- hundredths of a percent: all of it
local VALUE_MAX = 1000000000000000 -- no sum of values and stakes leaves 64 bits
local LEVELS_MAX = 16 -- each is fed by every bet

local LEVEL_DEFAULTS = {
  min = 0, max = VALUE_MAX, rate_bp = 100, hidden_rate_bp = 0, qualifying_bet = 0,
}

-- A "/" stands between a jackpot and its level: in neither id, so that no two meters have one name.
local ID = {
  ("1 to %d letters, digits, \"-\", \"_\" and \".\"; the levels of a jackpot stand in \"levels\"")
    :format(ID_BYTES_MAX),
  function(value)
    return type(value) == "string" and #value <= ID_BYTES_MAX and value:find("^[%w_.-]+$") ~= nil
  end,
}

--- The kinds of values, from `sites.lua`: a test and its words each.
---@param whole fun(lowest: integer, highest?: integer): table
---@param kinds table<string, table>
function M.members(whole, kinds)
  local trigger = { on = kinds.text, one_in = whole(1), must_hit_by = whole(1, VALUE_MAX) }
  local level = {
    id = ID, min = whole(0, VALUE_MAX), max = whole(0, VALUE_MAX),
    rate_bp = whole(0, RATE_MAX), hidden_rate_bp = whole(0, RATE_MAX), qualifying_bet = whole(0),
    trigger = kinds.object,
  }
  local jackpot = {
    denom = kinds.text, storage_multiplier = whole(1, 1000000000), levels = kinds.list,
  }
  for name, kind in pairs(level) do jackpot[name] = kind end
  return { jackpot = jackpot, level = level, trigger = trigger }
end

--- What is wrong with a level whose members are of the right kinds; nil: nothing.
function M.problem(level)
  if level.min > level.max then return "the jackpot's \"min\" is above its \"max\"" end
  if level.must_hit_by then
    local lowest = level.min + level.storage_multiplier + 1
    if level.must_hit_by < lowest or level.must_hit_by > level.max then
      local words = "\"must_hit_by\" must be from %d, one credit above \"min\", to \"max\""
      return words:format(lowest)
    end
  end
  return nil
end

--- How many of `on`, `one_in` and `must_hit_by` a trigger has.
function M.trigger_count(trigger)
  local count = 0
  for _ in pairs(trigger) do count = count + 1 end
  return count
end

--- A level with everything said that the file may leave out.
---@param jackpot table the file's entry
---@param level table one of its levels, or the entry itself
---@param id string
---@param name string
local function complete(jackpot, level, id, name)
  local made = { id = id, level = name, storage_multiplier = jackpot.storage_multiplier or 1000 }
  for member, usual in pairs(LEVEL_DEFAULTS) do
    made[member] = level[member]
    if made[member] == nil then made[member] = jackpot[member] end
    if made[member] == nil then made[member] = usual end
  end
  local trigger = level.trigger or jackpot.trigger or {}
  made.one_in, made.must_hit_by = trigger.one_in, trigger.must_hit_by
  if not (made.one_in or made.must_hit_by) then made.on = trigger.on or "" end
  return made
end

---@class casino.JackpotLevel
---@field id string
---@field level string
---@field storage_multiplier integer
---@field min integer
---@field max integer
---@field rate_bp integer
---@field hidden_rate_bp integer
---@field qualifying_bet integer
---@field on? string
---@field one_in? integer
---@field must_hit_by? integer

---@class casino.Jackpot
---@field id string
---@field denom string
---@field levels casino.JackpotLevel[]

--- A jackpot with all its levels.
---@param entry table as in the file, its members of the right kinds
---@param denom string what the site plays in
---@return casino.Jackpot
function M.complete(entry, denom)
  local levels = {}
  for _, level in ipairs(entry.levels or {}) do
    levels[#levels + 1] = complete(entry, level, entry.id .. "/" .. level.id, level.id)
  end
  if not entry.levels then levels[1] = complete(entry, entry, entry.id, entry.id) end
  return { id = entry.id, denom = denom, levels = levels }
end

--- Whether a value can say what a game plays for: an id, or a list of them.
---@param value any
---@return boolean
function M.is_names(value)
  if type(value) == "string" then return true end
  if type(value) ~= "table" then return false end
  local count = 0
  for _ in pairs(value) do count = count + 1 end
  for _, name in ipairs(value) do
    if type(name) ~= "string" then return false end
  end
  return count == #value
end

--- What is wrong with the names that a site itself gives; nil: nothing. "" is none.
---@param game string
---@param names any the site's setting `jackpot`
---@param jackpots casino.Jackpot[] the site's
---@return string?
function M.unknown(game, names, jackpots)
  if names == nil or not M.is_names(names) then return nil end
  local known, ids = {}, {}
  for _, jackpot in ipairs(jackpots) do
    known[jackpot.id], ids[#ids + 1] = true, jackpot.id
  end
  for _, name in ipairs(type(names) == "string" and { names } or names) do
    if name ~= "" and not known[name] then
      local hint = #ids > 0 and nearest.hint(name, ids) or "; it has none"
      return ("the game \"%s\" names the jackpot \"%s\", which the site does not have%s")
        :format(game, name, hint)
    end
  end
  return nil
end

--- What is wrong with the jackpots that a game plays for; nil: nothing. Of those that the site does
-- not have it says nothing: a game may be offered without those that its manifest names.
---@param game string
---@param names any the setting `jackpot`: an id, or a list of them
---@param jackpots casino.Jackpot[] the site's
---@return string?
function M.game_problem(game, names, jackpots)
  if type(names) == "string" then names = { names } end
  if type(names) ~= "table" then return nil end
  local levels, seen = 0, {}
  for _, name in ipairs(names) do
    if seen[name] then
      return ("the game \"%s\" names the jackpot \"%s\" twice"):format(game, name)
    end
    seen[name] = true
    for _, jackpot in ipairs(jackpots) do
      if jackpot.id == name then levels = levels + #jackpot.levels end
    end
  end
  if levels <= LEVELS_MAX then return nil end
  local text = "the game \"%s\" plays for %d levels of jackpots, at most %d"
  return text:format(game, levels, LEVELS_MAX)
end

M.LEVELS_MAX = LEVELS_MAX

return M
