--- What viewers and streamers' pages ask for: the last state of a channel, whether somebody has
-- logged in, the view key of a channel's overlays.

local nightjar = require "nightjar"
local limits = require "limits"
local views = require "views"
local web = require "web"

local M = {}

---@class argus.PullOptions
---@field people argus.People
---@field runs argus.Runs
---@field verify fun(token: string?): table?, string? claims of an extension's token
---@field counted fun(name: string)
---@field close_overlays fun(channel: string) those that are open lose the key

---@class argus.Pull
---@field private options argus.PullOptions
local Pull = {}
Pull.__index = Pull

---@param options argus.PullOptions
---@return argus.Pull
function M.new(options) return setmetatable({ options = options }, Pull) end

-- The channel that a viewer's page is on, by the token that Twitch has given it.
---@private
---@param request nightjar.Request
---@return string? channel
function Pull:channel_of(request)
  local claims = self.options.verify(request:header("x-extension-jwt"))
  if not claims or type(claims.channel_id) ~= "string" then
    self.options.counted "viewers_refused"
    return nil
  end
  return claims.channel_id
end

--- `GET /check_login`, for the extension's configuration page.
---@param request nightjar.Request
---@return nightjar.Answer
function Pull:check_login(request)
  local channel = self:channel_of(request)
  return web.result(channel and self.options.people:is_known(channel) and "LOGIN_OK" or "FAIL")
end

-- The answer depends on who asks, and a browser is to ask every time.
local function headers(etag)
  return {
    ["content-type"] = "text/html; charset=utf-8", etag = etag,
    ["cache-control"] = "private, no-cache", vary = "x-extension-jwt",
    ["access-control-expose-headers"] = "etag",
  }
end

--- `GET /get_streamer_run_data`, for viewers who have just come, or have missed something.
---@param request nightjar.Request
---@return nightjar.Answer
function Pull:run_data(request)
  local channel = self:channel_of(request)
  local output = channel and self.options.runs:output(channel)
  if not output then return web.result "NO_DATA" end
  if web.has(request, output.etag) then
    return { status = 304, headers = headers(output.etag), body = "" }
  end
  return { status = 200, headers = headers(output.etag), body = output.text }
end

local function key_answer(channel, key)
  return {
    status = 200, json = { channel = channel, key = key },
    headers = { ["cache-control"] = "no-store" },
  }
end

-- Of a key the one for a delay. An unknown channel is a wrong key.
local function delayed_key(people, body, counted)
  local delay = views.delay(type(body.delay) == "number" and tostring(body.delay) or nil)
  if type(body.delay) ~= "number" or not delay then
    local words = ("delay: seconds from 0 to %d expected"):format(limits.delay_seconds)
    return web.problem(400, "bad_delay", words)
  end
  local key = people:delayed_key(body.channel, body.key, delay)
  if not key then
    counted "overlays_refused"
    return web.problem(401, "bad_key", "The key is wrong, or is for another delay.")
  end
  return key_answer(body.channel, key)
end

--- `POST /argus/view_key`: a streamer's own page asks with the token of the game; with `channel`,
-- `key` and `delay` it asks for the key that opens with this delay only. May wait.
---@async
---@param request nightjar.Request
---@return nightjar.Answer
function Pull:view_key(request)
  local body, refusal = web.object(request)
  if not body then return refusal end
  local people = self.options.people
  if body.argusToken == nil and body.key ~= nil then
    return delayed_key(people, body, self.options.counted)
  end
  local channel = people:channel_of(body.argusToken)
  if not channel then
    self.options.counted "bad_tokens"
    local words = "The token is not known. Log in from the game again."
    return web.problem(401, "bad_argus_token", words)
  end
  local renew = body.renew == true
  local key, code = people:view_key(channel, renew)
  if not key then
    nightjar.log.error("a view key could not be stored", { channel = channel, code = code })
    return web.problem(503, "not_stored", "The key could not be stored. Try again in a minute.")
  end
  if renew then self.options.close_overlays(channel) end
  return key_answer(channel, key)
end

return M
