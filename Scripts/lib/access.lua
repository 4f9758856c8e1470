--- What a request shows of who sends it: its token, and whether it comes from this machine.
--
--   local access = require "lib.access"
--   if access.is_loopback(request.remote) and not access.is_forwarded(request) then …

local M = {}

-- A proxy on this machine connects from the loopback for somebody else. It says so in one of these.
local FORWARDED = {
  "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
  "x-forwarded-server", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip",
}

--- Whether an address is one of the loopback. Names that only begin like one are not.
---@param address string like `request.remote`: without a port
---@return boolean
function M.is_loopback(address)
  return address == "::1" or address:find("^127%.%d+%.%d+%.%d+$") ~= nil
    or address:find("^::ffff:127%.%d+%.%d+%.%d+$") ~= nil
end

--- Whether a proxy has passed the request on, so that its address says nothing of who asks.
---@param request nightjar.Request
---@return boolean
function M.is_forwarded(request)
  for _, name in ipairs(FORWARDED) do
    if request:header(name) then return true end
  end
  return false
end

--- The text behind "Bearer" in the request's Authorization header.
---@param request nightjar.Request
---@return string? token nil: there is none
function M.bearer(request)
  local header = request:header("authorization")
  return header and header:match("^[Bb]earer%s+(%S+)%s*$")
end

return M
