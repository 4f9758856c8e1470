--- SHARD_DEATH: the sender's shard died; its number goes back to the pool. There is no answer.

local reject = require "reject"
local shards = require "shards"

local M = { number = 12, name = "SHARD_DEATH", from = "service" }

---@param client gateway.Client
---@param d {bot?: string, shard_id?: integer}
---@param context gateway.Context
function M.handle(client, d, context)
  if not shards.give_back(client, d.bot, d.shard_id) then
    reject.send(context.conn, "not_your_shard", "this shard is not held by " .. client.name)
  end
end

return M
