--- Who may see the server's own lines: they tell of errors and of what scripts do, which is
-- nobody's business but the operator's.

local nightjar = require "nightjar"
local gate = require "lib.gate"

local M = {}

--- Whether a person or a program on this machine has connected itself.
M.is_direct = gate.is_direct

--- Whether a listener may see the server's own lines: who has the token, and where none is set, who
-- listens on this machine.
---@param request nightjar.Request
---@return boolean allowed
---@return string? problem `wrong_token`
function M.of(request)
  local given = (request:header("authorization") or ""):match("^[Bb]earer%s+(%S+)%s*$")
    or request.query.token
  if given == "" then given = nil end
  local right = nightjar.config.matches("token", given)
  if right == nil then return M.is_direct(request) end
  if given and not right then return false, "wrong_token" end
  return right
end

return M
