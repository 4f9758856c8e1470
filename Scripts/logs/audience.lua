--- Who may see the server's own lines: they tell of errors and of what scripts do, which is
-- nobody's business but the operator's.

local nightjar = require "nightjar"
local access = require "lib.access"

local M = {}

-- The name of a `host` or of an origin's address, without brackets and port.
local function name_of(host)
  return host:match("^%[(.*)%]") or host:match("^[^:]*")
end

local function is_local_name(host)
  local name = name_of(host:lower())
  return name == "localhost" or access.is_loopback(name)
end

--- Whether a person or a program on this machine has connected itself: no proxy, and no page of
-- another site in a browser here.
---@param request nightjar.Request
---@return boolean
function M.is_direct(request)
  if not access.is_loopback(request.remote) or access.is_forwarded(request) then return false end
  local host = request:header("host") or ""
  if not is_local_name(host) then return false end
  local origin = request:header("origin")
  return origin == nil or origin:lower():match("^https?://(.*)$") == host:lower()
end

--- Whether a listener may see the server's own lines: who has the token, and where none is set, who
-- listens on this machine.
---@param request nightjar.Request
---@return boolean allowed
---@return string? problem `wrong_token`
function M.of(request)
  local given = access.bearer(request) or request.query.token
  if given == "" then given = nil end
  local right = nightjar.config.matches("token", given)
  if right == nil then return M.is_direct(request) end
  if given and not right then return false, "wrong_token" end
  return right
end

return M
