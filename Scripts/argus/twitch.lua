--- What is asked of Twitch over HTTP: to hand out a message to a channel's viewers, and how a
-- channel is called. Logging in is in login.lua.

local limits = require "limits"

local M = {}

local NO_SECRET = "no_secret: set the secret extension of argus, or ARGUS_EXTENSION_SECRET"

---@class argus.TwitchOptions
---@field client_id string
---@field owner_id string
---@field api_url string
---@field fetch fun(request: table): table?, string?, string? may wait
---@field sign fun(claims: table): string?, string? nil and a reason; `no_secret`: there is none
---@field app_token fun(options?: table): string?, string? may wait
---@field now fun(): integer milliseconds
---@field encode fun(value: any): string
---@field decode fun(text: string): any

---@class argus.Twitch
---@field private options argus.TwitchOptions
local Twitch = {}
Twitch.__index = Twitch

---@param options argus.TwitchOptions
---@return argus.Twitch
function M.new(options) return setmetatable({ options = options }, Twitch) end

-- What Twitch says, for the log. It may say what it was sent: no ticket is to stand in a log, even
-- though it is good for a minute only.
local function shown(text)
  text = tostring(text or ""):gsub("%s+", " "):gsub("eyJ[%w%-_]+%.[%w%-_%.]*", "********")
  if #text > limits.logged_characters then
    text = text:sub(1, limits.logged_characters):gsub("[\xC2-\xF4]?[\x80-\xBF]*$", "") .. " …"
  end
  return text
end

-- A new one is made for every message: it is good for a minute.
function Twitch:ticket(channel)
  local seconds = self.options.now() // 1000
  return self.options.sign {
    exp = seconds + 60, iat = seconds, user_id = self.options.owner_id, channel_id = channel,
    role = "external", pubsub_perms = { send = { "broadcast" } },
  }
end

-- Twitch's names for the same header, at different times and places.
local REMAINING = {
  "ratelimit-remaining", "ratelimit-helixextensionpubsub-remaining", "x-ratelimit-remaining",
}

local function remaining(response)
  for _, name in ipairs(REMAINING) do
    local number = math.tointeger(tonumber(response.headers[name]))
    if number and number >= 0 then return number end
  end
  return nil
end

--- Hands one message to the viewers of a channel. May wait.
---@async
---@param channel string
---@param part string
---@return argus.Sent
function Twitch:broadcast(channel, part)
  local options = self.options
  local ticket, reason = self:ticket(channel)
  if not ticket then
    local off = reason == "no_secret"
    if off then reason = NO_SECRET end
    return { ok = false, off = off, reason = "not signed: " .. tostring(reason) }
  end
  local response, code, detail = options.fetch {
    url = options.api_url .. "/helix/extensions/pubsub", method = "POST",
    headers = {
      ["content-type"] = "application/json", ["client-id"] = options.client_id,
      authorization = "Bearer " .. ticket,
    },
    body = options.encode { message = part, broadcaster_id = channel, target = { "broadcast" } },
    timeout = limits.twitch_seconds, max_body = limits.twitch_bytes,
  }
  if not response then
    return { ok = false, reason = shown(detail and code .. ": " .. detail or code) }
  end
  local sent = { ok = response.status == 204, remaining = remaining(response) }
  if not sent.ok then
    sent.exhausted = response.status == 429
    sent.reason = ("status %d: %s"):format(response.status, shown(response.body))
  end
  return sent
end

--- The name a channel is shown by. May wait.
---@async
---@param channel string
---@return string? name
---@return string? reason
function Twitch:name_of(channel)
  local options = self.options
  for attempt = 1, 2 do
    -- A token may end before its time; then there is a second attempt with a new one.
    local token, reason = options.app_token(attempt == 2 and { renew = true } or nil)
    if not token then return nil, reason end
    local response, code = options.fetch {
      url = options.api_url .. "/helix/users?id=" .. channel,
      headers = { authorization = "Bearer " .. token, ["client-id"] = options.client_id },
      timeout = limits.twitch_seconds, max_body = limits.twitch_bytes,
    }
    if not response then return nil, code end
    if response.status == 200 then
      local body = options.decode(response.body)
      local data = type(body) == "table" and body.data
      local user = type(data) == "table" and data[1]
      local name = type(user) == "table" and user.display_name
      if type(name) == "string" and name ~= "" then return name end
      return nil, "no_such_user"
    end
    if response.status ~= 401 then return nil, "status " .. response.status end
  end
  return nil, "refused"
end

return M
