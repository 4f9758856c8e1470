--- Logging in: the client opens Twitch in a browser, Twitch sends the browser to us with a code, we
-- ask Twitch who that is, and the client fetches its token.
--
-- A login begins for us when the browser comes back; who it is, is known a moment later. Each has
-- the number of erasures before it, so that one of its channel that comes in between ends it,
-- wherever it is by then.

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
---@field kept table survives reloads, as the logins do
---@field counted fun(name: string)
---@field now fun(): integer

---@class argus.Login
---@field private options argus.LoginOptions
local Login = {}
Login.__index = Login

---@param options argus.LoginOptions
---@return argus.Login
function M.new(options)
  local kept = options.kept
  kept.erasures = kept.erasures or 0
  -- The number of the last erasure of all, and by channel of one's own, with its time.
  kept.all, kept.channels = kept.all or 0, kept.channels or {}
  return setmetatable({ options = options }, Login)
end

local function is_state(state)
  return type(state) == "string" and #state >= 1 and #state <= limits.state_bytes
    and not state:find("[^%w%-_%.~]")
end

-- Used in addresses and as a name in the store.
local function is_channel(channel)
  return type(channel) == "string" and channel:find("^%w+$") ~= nil and #channel <= 64
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
  local begun = self.options.kept.erasures
  local who, reason = self.options.flow:identify(code)
  if reason == "no_secret" then reason = NO_SECRET end
  if not who then return fail(reason) end
  local channel = who.subject
  if not is_channel(channel) then return fail "bad_reply" end
  -- Who began with the same state before is replaced.
  local login = { channel = channel, picture = picture_of(who), begun = begun }
  if self:is_erased(login) then return fail "erased meanwhile: it has to be begun anew" end
  self.options.pending:put(state, login)
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
  if not login or self:is_erased(login) then return web.result "FAIL" end
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

--- Whether the login was begun before its channel, or everybody, was erased.
---@private
function Login:is_erased(login)
  local kept = self.options.kept
  local one = kept.channels[login.channel]
  -- One that an older version of these scripts has left has no number.
  local begun = login.begun or 0
  return begun < kept.all or one ~= nil and begun < one.number
end

--- The logins of a channel that have begun give nobody a token.
---@param channel string
function Login:forget(channel)
  if not is_channel(channel) then return end
  local kept, now = self.options.kept, self.options.now()
  kept.erasures = kept.erasures + 1
  local count = 0
  for name, one in pairs(kept.channels) do
    -- What began before it is over by now, in one way or the other.
    if now - one.at > limits.erased_ms then kept.channels[name] = nil else count = count + 1 end
  end
  -- Rather too many logins have to be begun anew than one that was erased goes on.
  if count >= limits.erased_channels then return self:forget_all() end
  kept.channels[channel] = { number = kept.erasures, at = now }
end

--- No login that has begun gives anybody a token.
function Login:forget_all()
  local kept = self.options.kept
  kept.erasures = kept.erasures + 1
  kept.all, kept.channels = kept.erasures, {}
  self.options.pending:clear()
end

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
