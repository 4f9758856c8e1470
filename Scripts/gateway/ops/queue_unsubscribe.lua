--- QUEUE_UNSUBSCRIBE: the sender wants no more messages of a queue. It may still acknowledge those
-- that it has. Answered by QUEUE_SUBSCRIBED with a prefetch of 0.

local envelope = require "envelope"
local fields = require "queues.fields"
local queue_subscribed = require "ops.queue_subscribed"
local queues = require "queues"

local M = { number = 24, name = "QUEUE_UNSUBSCRIBE", from = "service" }

---@param client gateway.Client
---@param d {queue?: string}
---@param context gateway.Context
function M.handle(client, d, context)
  local queue, problem = fields.queue(client, d)
  if not queue then return fields.refuse(context, M.number, d, "invalid", problem) end
  local messages = queues.unsubscribe(client.id, queue)
  envelope.send_op(context.conn, queue_subscribed.fields(queue, 0, nil, messages))
end

return M
