--- Who may see the page of the triggers: whoever sits at this machine; others only with the token.
-- Behind a proxy everybody comes from this machine, so what a proxy has passed on does not count.

local nightjar = require "nightjar"
local access = require "lib.access"

local M = {}

--- Whether a request may see what only the operator may see.
---@param request nightjar.Request
---@return boolean
function M.may_see(request)
  if access.is_loopback(request.remote) and not access.is_forwarded(request) then return true end
  return nightjar.config.matches("token", access.bearer(request)) == true
end

--- Makes a handler that only those get to who may.
---@param handler fun(request: nightjar.Request): any
---@return fun(request: nightjar.Request): any
function M.guarded(handler)
  return function(request)
    if M.may_see(request) then return handler(request) end
    return {
      status = 401,
      json = { error = { code = "unauthorized", message = "The token is missing or wrong." } },
    }
  end
end

return M
