--- Who may see what is the operator's alone: whoever sits at this machine; others only with a
-- token.
--
--     local gate = require("lib.gate").new "token"   -- the name of a secret of the package
--     nightjar.http.get("/state", gate.guarded(function(request) … end))

local nightjar = require "nightjar"

local M = {}

-- Behind a proxy on this machine everybody comes from the loopback. It says so in one of these.
local PASSED_ON = {
  "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
  "x-forwarded-server", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip",
}

-- Names that only begin like an address are none.
local function is_loopback(address)
  return address == "::1" or address:find("^127%.%d+%.%d+%.%d+$") ~= nil
    or address:find("^::ffff:127%.%d+%.%d+%.%d+$") ~= nil
end

-- The name of a `host` or of an origin's address, without brackets and port.
local function name_of(host)
  return host:match("^%[(.*)%]") or host:match("^[^:]*")
end

local function is_local_name(host)
  local name = name_of(host:lower())
  return name == "localhost" or is_loopback(name)
end

--- Whether a person or a program on this machine has connected itself: no proxy, and no page of
-- another site in a browser here.
---@param request nightjar.Request
---@return boolean
function M.is_direct(request)
  if not is_loopback(request.remote) then return false end
  for _, name in ipairs(PASSED_ON) do
    if request:header(name) then return false end
  end
  local host = request:header("host") or ""
  if not is_local_name(host) then return false end
  local origin = request:header("origin")
  return origin == nil or origin:lower():match("^https?://(.*)$") == host:lower()
end

--- The text behind "Bearer" in a request's Authorization header; empty if there is none.
---@param request nightjar.Request
---@return string
function M.bearer(request)
  local header = request:header("authorization") or ""
  return header:match("^[Bb]earer +(%S+)%s*$") or ""
end

---@class lib.Gate
---@field private secret string
local Gate = {}
Gate.__index = Gate

--- A gate that a secret of the package opens.
---@param secret string its name in `secrets`
---@return lib.Gate
function M.new(secret) return setmetatable({ secret = secret }, Gate) end

--- Whether a request may see what only the operator may see.
---@param request nightjar.Request
---@return boolean
function Gate:may_see(request)
  return M.is_direct(request) or nightjar.config.matches(self.secret, M.bearer(request)) == true
end

--- The answer to who may not.
---@return nightjar.Answer
function M.refusal()
  return {
    status = 401,
    json = { error = { code = "unauthorized", message = "The token is missing or wrong." } },
  }
end

--- Makes a handler that only those get to who may.
---@param handler fun(request: nightjar.Request): any
---@return fun(request: nightjar.Request): any
function Gate:guarded(handler)
  return function(request)
    if self:may_see(request) then return handler(request) end
    return M.refusal()
  end
end

return M
