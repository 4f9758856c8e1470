--- QUEUE_SUBSCRIBED: what a subscription is now. With a prefetch of 0 it has ended: no more
-- messages follow.

local M = { number = 23, name = "QUEUE_SUBSCRIBED", from = "gateway" }

---@param queue string
---@param prefetch integer
---@param timeout? integer milliseconds
---@param messages integer how many the queue has
---@return table d
function M.fields(queue, prefetch, timeout, messages)
  return {
    opcode = M.number, queue = queue, prefetch = prefetch, timeout = timeout, messages = messages,
  }
end

return M
