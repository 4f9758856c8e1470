--- What there is to be won on the sites now, and telling it to those who have subscribed.

local nightjar = require "nightjar"

local casino = nightjar.casino

local M = {}

-- Seconds between two messages about one level to one session.
local INTERVAL = 1

-- Seconds between two looks at the store.
local LOOK_EVERY = 0.5

--- The topic on which a level is told.
function M.topic(platform, site, level)
  return "jackpot " .. platform .. " " .. site .. " " .. level
end

--- What a client hears of a level.
function M.message(level, jackpot, pot)
  local value = pot and pot.value or level.min
  return {
    what = "value", id = level.id, value = value, storage_multiplier = level.storage_multiplier,
    denom = jackpot.denom, amount = value / level.storage_multiplier,
    -- Of a level that must be won by a certain value: what the server has committed itself to.
    commitment = pot and pot.commitment,
  }
end

-- What a value is told by. Beside the value how often the level was won: it may be won and come to
-- the same value again between two looks. And what the server has committed itself to: it may be
-- another one without a win, under terms that were edited.
local function state_of(level, pot)
  local value, version = pot and pot.value or level.min, pot and pot.version or 0
  return ("%d %d %s"):format(value, version, pot and pot.commitment or "")
end

--- The site's levels as they are, by id; nil when the store cannot be reached. Waits.
function M.of(platform, site)
  local list, code = casino.jackpots(platform, site)
  if not list then return nil, code end
  local pots = {}
  for _, pot in ipairs(list) do pots[pot.id] = pot end
  return pots
end

-- The sites that somebody has subscribed to, and what was told last of each level (`state_of`). It
-- survives a reload: { [key] = { platform, site, told = { [level] = text } } }.
local function watched() return nightjar.state.get("jackpots", {}) end

local function watch_site(platform, site)
  local sites = watched()
  local key = platform .. " " .. site
  if not sites[key] then
    sites[key] = { platform = platform, site = site, told = {} }
    nightjar.state.set("jackpots", sites)
  end
  return sites[key]
end

--- From now on changes of a level are told; it has just been told as it is.
---@param platform string
---@param site string
---@param level casino.JackpotLevel
---@param pot? table as the store has it
function M.watch(platform, site, level, pot)
  local told = watch_site(platform, site).told
  told[level.id] = told[level.id] or state_of(level, pot)
end

--- Tells what has changed on one site.
local function look(entry, site)
  local pots = M.of(entry.platform, entry.site)
  if not pots then return end
  for _, jackpot in ipairs(site.jackpots or {}) do
    for _, level in ipairs(jackpot.levels) do
      local pot = pots[level.id]
      if pot and entry.told[level.id] ~= state_of(level, pot) then
        entry.told[level.id] = state_of(level, pot)
        local message = M.message(level, jackpot, pot)
        local topic = M.topic(entry.platform, entry.site, level.id)
        casino.publish(topic, "jackpot", message, { interval = INTERVAL })
      end
    end
  end
end

--- Looks at the jackpots from now on.
---@param find fun(id: string): casino.Site?
function M.start(find)
  nightjar.timer.every("jackpots", LOOK_EVERY, function()
    for _, entry in pairs(watched()) do
      local site = find(entry.site)
      if site then look(entry, site) end
    end
  end)
end

---@class casino.Win
---@field platform string
---@field site string
---@field id string
---@field amount integer credits
---@field secret? string of a level that must be won by a certain value: what was committed to
---@field commitment? string and what the server has committed itself to for the next time

--- A level was won.
---@param win casino.Win
function M.won(win)
  casino.publish(M.topic(win.platform, win.site, win.id), "jackpot", {
    what = "won", id = win.id, amount = win.amount,
    -- What the commitment was made of, so that everybody can check it, and the next one, of which
    -- so much can be said before anybody has played for it.
    secret = win.secret, commitment = win.commitment,
  })
end

return M
