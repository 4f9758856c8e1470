--- Pools of shard numbers: who holds which. Nothing here waits, so whoever changes a pool sees it
-- as it is, and a number has one holder at every moment.

local limits = require "limits"

local M = {}

---@class gateway.Lease
---@field name string who holds the shard
---@field stored? boolean the store knows it
---@field away? integer the holder is gone, and the shard is free from then on; ms since 1970

---@class gateway.Pool
---@field bot string
---@field count? integer number of shards; nil while nobody holds one
---@field leases table<integer, gateway.Lease> by shard number, from 0
---@field held table<string, integer> name → the number it holds
---@field last table<string, integer> name → the number it had last
---@field remembered integer how many names are in `last`
---@field dirty? boolean the store has yet to hear of a change

--- A new pool.
---@param bot string
---@return gateway.Pool
function M.new(bot)
  return { bot = bot, leases = {}, held = {}, last = {}, remembered = 0 }
end

local function remember(pool, name, id)
  if not pool.last[name] then
    if pool.remembered >= limits.remembered then
      -- Somebody has to be forgotten; which one does not matter much.
      pool.last[next(pool.last)] = nil
    else
      pool.remembered = pool.remembered + 1
    end
  end
  pool.last[name] = id
end

--- Gives a number: the one that this name had last if it is free, else the lowest free one.
---@param pool gateway.Pool with a count
---@param name string
---@return integer? id nil if all are held
---@return gateway.Lease? lease
function M.take(pool, name)
  local leases, count = pool.leases, pool.count
  local id = pool.held[name]
  if id then return id, leases[id] end
  id = pool.last[name]
  if not id or id >= count or leases[id] then
    id = 0
    while leases[id] do id = id + 1 end
    if id >= count then return nil end
  end
  local lease = { name = name }
  leases[id], pool.held[name] = lease, id
  return id, lease
end

--- Takes a lease back as if it had never been given.
---@param pool gateway.Pool
---@param id integer
function M.undo(pool, id)
  pool.held[pool.leases[id].name] = nil
  pool.leases[id] = nil
  if next(pool.leases) == nil then pool.count = nil end
end

--- Frees a number; its holder is remembered.
---@param pool gateway.Pool
---@param id integer
function M.free(pool, id)
  remember(pool, pool.leases[id].name, id)
  M.undo(pool, id)
end

--- What the store keeps of a pool.
---@param pool gateway.Pool
---@return {count?: integer, held: table<string, integer>, last: table<string, integer>}
function M.snapshot(pool)
  return { count = pool.count, held = pool.held, last = pool.last }
end

--- Makes a pool of what the store has kept. Nobody is connected yet: every holder is away.
---@param bot string
---@param kept {count?: integer, held: table<string, integer>, last: table<string, integer>}
---@param away integer until when a holder may come back, milliseconds since 1970
---@return gateway.Pool
function M.from(bot, kept, away)
  local pool = M.new(bot)
  pool.count = kept.count
  for name, id in pairs(kept.last) do remember(pool, name, id) end
  for name, id in pairs(kept.held) do
    pool.leases[id] = { name = name, stored = true, away = away }
    pool.held[name] = id
  end
  return pool
end

--- The numbers of a pool that are held, in order.
---@param pool gateway.Pool
---@param away? boolean only those whose holder is away
---@return integer[]
function M.ids(pool, away)
  local ids = {}
  for id, lease in pairs(pool.leases) do
    if not away or lease.away then ids[#ids + 1] = id end
  end
  table.sort(ids)
  return ids
end

return M
