--- QUEUE_SUBSCRIBE: the sender wants messages of a queue. Answered by QUEUE_SUBSCRIBED, then the
-- messages come. Subscribing again changes the numbers.

local envelope = require "envelope"
local fields = require "queues.fields"
local limits = require "queues.limits"
local queue_subscribed = require "ops.queue_subscribed"
local queues = require "queues"

local M = { number = 22, name = "QUEUE_SUBSCRIBE", from = "service" }

---@param client gateway.Client
---@param d {queue?: string, prefetch?: integer, timeout?: integer}
---@param context gateway.Context
function M.handle(client, d, context)
  local function refuse(code, reason) fields.refuse(context, M.number, d, code, reason) end

  local queue, problem = fields.queue(client, d)
  if not queue then return refuse("invalid", problem) end
  local prefetch, timeout
  prefetch, problem = fields.whole(d, "prefetch", limits.prefetch, 1, limits.prefetch_most)
  if not prefetch then return refuse("invalid", problem) end
  timeout, problem = fields.whole(d, "timeout", limits.timeout_ms, limits.timeout_least_ms,
    limits.timeout_most_ms)
  if not timeout then return refuse("invalid", problem) end

  local messages, code, reason = queues.subscribe(client.id, queue, prefetch, timeout)
  if not messages then return refuse(code, reason) end
  envelope.send_op(context.conn, queue_subscribed.fields(queue, prefetch, timeout, messages))
end

--- What a client that is gone held goes to others.
---@param client gateway.Client
function M.on_close(client)
  queues.leave(client.id)
end

return M
