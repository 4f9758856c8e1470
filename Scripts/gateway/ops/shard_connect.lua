--- SHARD_CONNECT: a bot's shard wants its number. Answered by SHARD_ACCEPT, or by REJECT.

local envelope = require "envelope"
local news = require "news"
local reject = require "reject"
local shard_accept = require "ops.shard_accept"
local shards = require "shards"

local M = { number = 10, name = "SHARD_CONNECT", from = "service" }

---@param client gateway.Client
---@param d {bot?: string, shard_count?: integer}
---@param context gateway.Context
function M.handle(client, d, context)
  local id, count_or_code, reason, fields = shards.take(client, d.bot, d.shard_count)
  if not id then return reject.send(context.conn, count_or_code, reason, fields) end
  local bot = shards.bot_of(d.bot)
  envelope.send_op(context.conn, shard_accept.fields(bot, id, count_or_code))
  news.shard_given(client.name, bot, id, count_or_code)
end

return M
