--- Logging in: the client opens Twitch in a browser, Twitch sends the browser to us with a code, we
-- ask Twitch who that is, and the client fetches its token.

local nightjar = require "nightjar"
local limits = require "limits"
local web = require "web"

local M = {}

-- What an operator has to do about the most frequent reason.
local NO_SECRET = "no_secret: set the secret client of argus, or ARGUS_CLIENT_SECRET"

---@class argus.LoginOptions
---@field flow table of `nightjar.auth.oauth`
---@field pending table of `nightjar.auth.pending`
---@field people argus.People
---@field counted fun(name: string)

---@class argus.Login
---@field private options argus.LoginOptions
local Login = {}
Login.__index = Login

---@param options argus.LoginOptions
---@return argus.Login
function M.new(options) return setmetatable({ options = options }, Login) end

local function is_state(state)
  return type(state) == "string" and #state >= 1 and #state <= limits.state_bytes
    and not state:find("[^%w%-_%.~]")
end

-- An address that goes into one line, or nothing.
local function picture_of(who)
  local picture = who.picture
  if type(picture) ~= "string" or #picture > limits.picture_bytes then return nil end
  if not picture:find("^https?://[^%s%c]+$") then return nil end
  return picture
end

--- `GET /oauth_token`: a browser comes from Twitch. May wait.
---@async
---@param request nightjar.Request
---@return nightjar.Answer
function Login:came_back(request)
  local function fail(reason)
    self.options.counted "logins_failed"
    nightjar.log.warn("a login failed", { reason = reason })
    return web.redirect "/auth_fail.html"
  end
  local code, state = request.query.code, request.query.state
  if not code or code == "" then return fail "refused by the user, or no code" end
  if not is_state(state) then return fail "no state, or one that no client makes" end
  local who, reason = self.options.flow:identify(code)
  if reason == "no_secret" then reason = NO_SECRET end
  if not who then return fail(reason) end
  local channel = who.subject
  -- Used in addresses and as a name in the store.
  if type(channel) ~= "string" or not channel:find("^%w+$") or #channel > 64 then
    return fail "bad_reply"
  end
  -- Who began with the same state before is replaced.
  self.options.pending:put(state, { channel = channel, picture = picture_of(who) })
  self.options.counted "logins"
  return web.redirect "/auth_success.html"
end

--- `POST /get_argus_token`: the client fetches its token, once. May wait.
---@async
---@param request nightjar.Request
---@return nightjar.Answer
function Login:fetch(request)
  local body, refusal = web.object(request)
  if not body then return refusal end
  local version = body.argusProtocolVersion
  if not web.speaks(version) then return web.result "bad_protocol_version" end
  if not is_state(body.state) then return web.result "FAIL" end
  local login = self.options.pending:take(body.state)
  if not login then return web.result "FAIL" end
  local token, code = self.options.people:issue(login.channel, login.picture)
  if not token then
    -- Nothing was given out: the client asks again in a second.
    self.options.pending:put(body.state, login)
    nightjar.log.error("a token could not be stored", { channel = login.channel, code = code })
    return web.result "FAIL"
  end
  if version ~= "2" then return web.result(token) end
  return web.result(token .. "\n" .. (login.picture or ""))
end

--- Nobody who has not fetched a token yet gets one for this login.
function Login:forget_all() self.options.pending:clear() end

--- `GET /check_argus_token`.
---@param request nightjar.Request
---@return nightjar.Answer
function Login:check(request)
  if not web.speaks(request.query.argusProtocolVersion) then
    return web.result "bad_protocol_version"
  end
  local channel = self.options.people:channel_of(request.query.argus_token)
  if not channel then self.options.counted "bad_tokens" end
  return web.result(channel and "token_ok" or "token_not_ok")
end

return M
