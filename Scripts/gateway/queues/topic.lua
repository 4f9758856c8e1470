--- Queues addressed by a topic: `gateway-proxy:web:mail@+:send` puts a message into the queue
-- `mail`, and its reader sees the topic `mail:send`.

local nightjar = require "nightjar"
local fields = require "queues.fields"
local queues = require "queues"
local reject = require "reject"

local M = {}

--- What stands behind the `@`.
M.SUFFIX = "+"

--- Puts a message into a queue; the answer repeats its topic. A member `id` beside `d` is the
-- sender's own id.
---@param sender gateway.Client
---@param message gateway.Envelope
---@param queue string
---@param topic string as the reader sees it
---@param source string name in the message's topic
function M.put(sender, message, queue, topic, source)
  local name, problem = fields.target(sender, { queue = queue })
  local id, code, reason
  if name then id, problem = fields.id(message) end
  if problem then
    code, reason = "invalid", problem
  else
    if type(message.s) == "string" then source = message.s end
    code, reason = queues.put(sender.id, {
      queue = queue, s = source, t = topic, d = tostring(message.d), id = id,
    }, message.t)
  end
  if not code then return end
  local conn = nightjar.websocket.connection(sender.id)
  if not conn then return end
  local d = { queue = queue, id = fields.given(message.id), topic = message.t }
  reject.send(conn, code, reason, d)
end

return M
