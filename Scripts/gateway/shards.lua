--- Shards: gives numbers to services, and sees to it that they survive a restart of the gateway.
--
-- A number is given in memory first, in one go, so nobody else can get it. The service hears of it
-- only when the store has it too. The store keeps one value per pool: the whole pool, so whatever
-- was written last is right.
--
-- A service whose connection ends keeps its number for GATEWAY_SHARD_GRACE milliseconds: it is
-- "away". After a start of the gateway every holder is away.

local nightjar = require "nightjar"
local clients = require "clients"
local kept = require "lib.kept"
local limits = require "limits"
local names = require "names"
local news = require "news"
local pools = require "pools"
local settings = require "settings"

local M = {}

local grace_ms, shard_count = settings.shard_grace_ms, settings.shard_count

-- How long a SHARD_CONNECT waits for the store right after a start, seconds.
local LOAD_WAIT = 10

---@type table<string, gateway.Pool>
local all = kept("pools")

-- `loaded`: what the store has is in memory.
local progress = kept("shards", { loaded = false })

--- The pools by name.
M.pools = all

-- A shard has no holder any more.
local function free(pool, id, why)
  local name = pool.leases[id].name
  pools.free(pool, id)
  news.shard_freed(name, pool.bot, id, why)
end

--- Writes a pool as it is now. Waits.
---@return boolean stored
local function save(pool)
  local leases = {}
  for _, lease in pairs(pool.leases) do leases[#leases + 1] = lease end
  -- Until it is written; should a script be saved meanwhile, the next version sees to it.
  pool.dirty = true
  local version, code = nightjar.store.set("pool:" .. pool.bot, pools.snapshot(pool))
  if version and not pool.listed then
    local added
    added, code = nightjar.store.add("pools", pool.bot, 0)
    if added == nil then version = nil else pool.listed = true end
  end
  if not version then
    nightjar.log.error("a pool could not be stored", { bot = pool.bot, code = code })
    return false
  end
  pool.dirty = nil
  for _, lease in ipairs(leases) do lease.stored = true end
  return true
end

--- Reads what the store has. Waits.
local function load()
  local members, code = nightjar.store.range("pools", 1, -1)
  if not members then return nightjar.log.error("no pools from the store", { code = code }) end
  local stored = {}
  for _, entry in ipairs(members) do
    local value, problem = nightjar.store.get("pool:" .. entry.member)
    if value then
      stored[entry.member] = value
    elseif problem then
      return nightjar.log.error("no pool from the store", { bot = entry.member, code = problem })
    end
  end
  -- Nothing waits from here on. The version after this one reads for itself.
  if progress.loaded or kept.is_stale() then return end
  local away = nightjar.now() + grace_ms
  for bot, value in pairs(stored) do
    local pool = pools.from(bot, value, away)
    pool.listed = true
    all[bot] = pool
    for _, lease in pairs(pool.leases) do
      if clients.by_name[lease.name] then lease.away = nil end
    end
  end
  progress.loaded = true
  M.sweep()
  nightjar.event.notify("shards.loaded")
end

--- Whether the store's pools are in memory. Waits for them for a while.
local function is_ready()
  if progress.loaded then return true end
  nightjar.event.wait("shards.loaded", LOAD_WAIT)
  -- A script was saved meanwhile: the pools of this version are out of date.
  return progress.loaded and not kept.is_stale()
end

-- What is left of it in the store does no harm: nobody looks for it.
local function forget(bot)
  nightjar.store.remove("pools", bot)
end

--- The pool of a bot; a new one if there is none yet.
local function pool_of(bot)
  if all[bot] then return all[bot] end
  local count, unused = 0, nil
  for name, pool in pairs(all) do
    count = count + 1
    if not pool.count and not pool.dirty then unused = name end
  end
  if count >= limits.pools then
    if not unused then return nil end
    all[unused] = nil
    nightjar.spawn(forget, unused)
  end
  all[bot] = pools.new(bot)
  return all[bot]
end

--- The name of a pool as a message gives it.
---@param bot any
---@return any
function M.bot_of(bot)
  if bot == nil or bot == nightjar.json.null then return "default" end
  return bot
end

--- Gives a client its shard. Waits until the store has it.
---@param client gateway.Client
---@param bot any name of the pool
---@param wanted any how many shards the client believes there are
---@return integer? id
---@return integer|string count of shards; or the code of the refusal
---@return string? reason with nil: in words
---@return table? fields with nil: further members of the REJECT
function M.take(client, bot, wanted)
  bot = M.bot_of(bot)
  local problem = names.problem(bot)
  if problem then return nil, "invalid", "bot " .. problem end
  if wanted == nightjar.json.null then wanted = nil end
  if wanted ~= nil then
    wanted = math.type(wanted) and math.tointeger(wanted)
    if not wanted or wanted < 1 or wanted > limits.shards then
      return nil, "invalid", "shard_count must be a whole number from 1 to " .. limits.shards
    end
  end
  if not is_ready() then return nil, "unavailable", "the shards cannot be read; try again" end

  local pool = pool_of(bot)
  if not pool then return nil, "no_shards", "there are too many pools" end
  local count = pool.count or (shard_count > 0 and shard_count) or wanted or 1
  if wanted and wanted ~= count then
    local reason = "the pool " .. bot .. " has " .. count .. " shards"
    return nil, "shard_count_mismatch", reason, { shard_count = count }
  end
  pool.count = count
  local id, lease = pools.take(pool, client.name)
  if not id then return nil, "no_shards", "all shards of " .. bot .. " are taken" end
  if lease.stored or save(pool) then return id, count end
  if pool.leases[id] == lease then pools.undo(pool, id) end
  return nil, "unavailable", "the shard could not be stored; try again"
end

--- A client gives a shard back. Waits until the store knows.
---@param client gateway.Client
---@param bot any nil: whichever it holds
---@param id any nil: whichever it holds
---@return boolean held false if it does not hold this shard
function M.give_back(client, bot, id)
  if bot == nightjar.json.null then bot = nil end
  if id == nightjar.json.null then id = nil end
  local found
  for name, pool in pairs(all) do
    local held = pool.held[client.name]
    if held and (bot == nil or bot == name) and (id == nil or id == held) then
      -- Who holds several and does not say which means the default pool.
      if not found or name == "default" then
        found = pool
      elseif found.bot ~= "default" then
        return false
      end
    end
  end
  if not found then return false end
  free(found, found.held[client.name], "given_back")
  save(found)
  return true
end

--- A client of this name has come (back): what it holds is no longer away.
---@param name string
function M.returned(name)
  for _, pool in pairs(all) do
    local id = pool.held[name]
    if id then pool.leases[id].away = nil end
  end
end

--- A client's connection is gone.
---@param name string
function M.gone(name)
  local changed = {}
  for _, pool in pairs(all) do
    local id = pool.held[name]
    if id and grace_ms > 0 then
      pool.leases[id].away = nightjar.now() + grace_ms
    elseif id then
      free(pool, id, "gone")
      changed[#changed + 1] = pool
    end
  end
  -- Each in a coroutine of its own: what is written must be what the pool is now, not after a wait.
  for _, pool in ipairs(changed) do nightjar.spawn(save, pool) end
end

--- Frees the shards of those who stayed away too long, and writes what could not be written.
function M.sweep()
  if not progress.loaded then return nightjar.spawn(load) end
  local now = nightjar.now()
  for _, pool in pairs(all) do
    for id, lease in pairs(pool.leases) do
      if lease.away and now >= lease.away then
        free(pool, id, "stayed_away")
        pool.dirty = true
      end
    end
    if pool.dirty then nightjar.spawn(save, pool) end
  end
end

--- After a start or a reload.
function M.restore()
  if not progress.loaded then return nightjar.spawn(load) end
  local away = nightjar.now() + grace_ms
  for _, pool in pairs(all) do
    for _, lease in pairs(pool.leases) do
      if not lease.away and not clients.by_name[lease.name] then lease.away = away end
      -- Whoever was to write it belongs to the version before.
      if not lease.stored then pool.dirty = true end
    end
  end
end

--- The shards of a client, by pool.
---@param name string
---@return table<string, integer>? held nil if it holds none
---@return integer[]? shard one of them, as Discord wants it: number and count
function M.of(name)
  local held, shard
  for bot, pool in pairs(all) do
    local id = pool.held[name]
    if id then
      held = held or {}
      held[bot] = id
      if not shard or bot == "default" then shard = { id, pool.count } end
    end
  end
  return held, shard
end

return M
