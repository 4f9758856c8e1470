--- QUEUE_ACK: a message of a queue is done. There is no answer.

local fields = require "queues.fields"
local queues = require "queues"

local M = { number = 26, name = "QUEUE_ACK", from = "service" }

---@param client gateway.Client
---@param d {message: string}
---@param context gateway.Context
function M.handle(client, d, context)
  if not queues.ack(client.id, fields.message(d)) then
    fields.refuse(context, M.number, d, "not_your_message",
      client.name .. " does not hold this message")
  end
end

return M
