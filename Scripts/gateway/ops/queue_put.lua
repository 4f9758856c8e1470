--- QUEUE_PUT: a message for a queue. Answered by QUEUE_STORED when it is on disk, or by REJECT.
-- The same as a message with the topic `gateway-proxy:<source>:<queue>@+:…`.

local fields = require "queues.fields"
local queues = require "queues"

local M = { number = 20, name = "QUEUE_PUT", from = "service" }

---@param client gateway.Client
---@param d {queue?: string, t: string, d: any, id?: string}
---@param context gateway.Context
function M.handle(client, d, context)
  local function refuse(code, reason) fields.refuse(context, M.number, d, code, reason) end

  local queue, problem = fields.target(client, d)
  if not queue then return refuse("invalid", problem) end
  local id
  id, problem = fields.id(d)
  if problem then return refuse("invalid", problem) end
  if type(d.t) ~= "string" or d.t == "" then return refuse("invalid", "t must be a topic") end
  local payload = tostring(d.d)
  if payload:sub(1, 1) ~= "{" then return refuse("invalid", "d must be an object") end

  local source = type(context.source) == "string" and context.source or client.name
  client.sent = client.sent + 1
  local code, reason = queues.put(client.id, {
    queue = queue, s = source, t = d.t, d = payload, id = id,
  })
  if code then refuse(code, reason) end
end

--- At start, and after each change of a script.
M.on_reload = queues.resume

return M
