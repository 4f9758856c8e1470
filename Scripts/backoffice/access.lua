--- Who may report, and who may look.
--
-- Servers of games report. With the secret `rgs` they must show a token that is signed with it
-- (HS256); without one, only programs on this machine may report. People look at the page: those at
-- this machine, others with the secret `token`.

local nightjar = require "nightjar"
local gate = require "lib.gate"

local M = {}

-- Clocks of two machines differ.
local LEEWAY_SECONDS = 30

M.page = gate.new "token"

local function may_report(request)
  local claims, reason = nightjar.auth.verify_jwt(gate.bearer(request),
    { secret = "rgs", issuer = "nightjar", leeway = LEEWAY_SECONDS })
  if claims then return true end
  return reason == "no_secret" and gate.is_direct(request)
end

--- Makes a handler that only servers get to who may report.
---@param handler fun(request: nightjar.Request): any
---@return fun(request: nightjar.Request): any
function M.reports(handler)
  return function(request)
    if may_report(request) then return handler(request) end
    return gate.refusal()
  end
end

return M
