--- SHARD_ACCEPT: the number of a shard, and how many shards its bot has.

local nightjar = require "nightjar"

local M = { number = 11, name = "SHARD_ACCEPT", from = "gateway" }

--- The members of a SHARD_ACCEPT.
---@param bot string name of the pool
---@param id integer 0 … count - 1
---@param count integer
---@return table d
function M.fields(bot, id, count)
  return {
    opcode = M.number,
    bot = bot,
    shard_id = id,
    shard_count = count,
    shard = nightjar.json.array { id, count }, -- the pair that Discord asks for
  }
end

return M
