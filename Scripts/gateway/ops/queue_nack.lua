--- QUEUE_NACK: a message of a queue could not be done. It is handed out again: at once, after a
-- delay, or never, if it is to be a dead letter. There is no answer.

local fields = require "queues.fields"
local limits = require "queues.limits"
local queues = require "queues"

local M = { number = 27, name = "QUEUE_NACK", from = "service" }

---@param client gateway.Client
---@param d {message: string, delay?: integer, dead?: boolean}
---@param context gateway.Context
function M.handle(client, d, context)
  local delay, problem = fields.whole(d, "delay", 0, 0, limits.delay_most_ms)
  if not delay then return fields.refuse(context, M.number, d, "invalid", problem) end
  if not queues.give_back(client.id, fields.message(d), delay, d.dead == true) then
    fields.refuse(context, M.number, d, "not_your_message",
      client.name .. " does not hold this message")
  end
end

return M
