--- The last push of each session's leader, for members that join late. The pushes are linked from
-- the oldest to the newest, so that the oldest is at hand when memory runs short.

local M = {}

--- Bytes of all kept pushes together; the oldest are forgotten beyond that. 4 MiB: 250 times the
-- largest push of the plug-in, and a quarter of what a reload may carry over.
M.BYTES_MAX = 4 << 20

---@class sync.LatePush
---@field text string
---@field socket integer id of the leader's socket
---@field older? integer number of the session whose push is the next older one
---@field newer? integer

---@class sync.Late
---@field bytes integer
---@field pushes table<integer, sync.LatePush> by the session's number
---@field oldest? integer number of a session
---@field newest? integer

--- Forgets the push of a session.
---@param late sync.Late
---@param number integer of the session
function M.forget(late, number)
  local push = late.pushes[number]
  if not push then return end
  local older, newer = push.older, push.newer
  if older then late.pushes[older].newer = newer else late.oldest = newer end
  if newer then late.pushes[newer].older = older else late.newest = older end
  late.pushes[number] = nil
  late.bytes = late.bytes - #push.text
end

--- Keeps a push in place of the session's former one.
---@param late sync.Late
---@param number integer of the session
---@param socket integer who sent it
---@param text string
function M.keep(late, number, socket, text)
  M.forget(late, number)
  local newest = late.newest
  late.pushes[number] = { text = text, socket = socket, older = newest }
  if newest then late.pushes[newest].newer = number else late.oldest = number end
  late.newest = number
  late.bytes = late.bytes + #text
  while late.bytes > M.BYTES_MAX do M.forget(late, late.oldest) end
end

--- Forgets the push of a session if this socket has sent it.
---@param late sync.Late
---@param number integer of the session
---@param socket integer
function M.forget_from(late, number, socket)
  local push = late.pushes[number]
  if push and push.socket == socket then M.forget(late, number) end
end

--- The last push of a session.
---@param late sync.Late
---@param number integer of the session
---@return string? text
function M.text(late, number)
  local push = late.pushes[number]
  return push and push.text
end

return M
