--- Who may see the page of the triggers: whoever sits at this machine; others only with the token.
-- Behind a proxy everybody comes from this machine, so what a proxy has passed on does not count.

local nightjar = require "nightjar"

local M = {}

local PASSED_ON = {
  "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
}

local function is_local(request)
  for _, name in ipairs(PASSED_ON) do
    if request:header(name) then return false end
  end
  local remote = request.remote
  return remote == "::1" or remote:find("^127%.") ~= nil or remote:find("^::ffff:127%.") ~= nil
end

local function bearer(request)
  local header = request:header("authorization") or ""
  return header:match("^[Bb]earer +(%S+)%s*$") or ""
end

--- Whether a request may see what only the operator may see.
---@param request nightjar.Request
---@return boolean
function M.may_see(request)
  return is_local(request) or nightjar.config.matches("token", bearer(request)) == true
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
