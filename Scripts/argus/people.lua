--- Who has logged in: one token each, their picture, their name, and the view key of their
-- overlays.

local nightjar = require "nightjar"
local limits = require "limits"

local M = {}

---@class argus.Person what is kept with a token
---@field picture? string
---@field name? string
---@field view_key? string 32 hex digits

---@class argus.PeopleOptions
---@field tokens table a book of `nightjar.auth.tokens`
---@field now fun(): integer
---@field name_of fun(channel: string): string?, string? may wait
---@field spawn fun(fn: fun())
---@field is_offline? boolean

---@class argus.People
local People = {}
People.__index = People

---@param options argus.PeopleOptions
---@return argus.People
function M.new(options)
  return setmetatable({ options = options, asked = {}, asking = 0, writing = {} }, People)
end

-- A copy: what the book gives is the book's.
local function person(data)
  data = type(data) == "table" and data or {}
  return { picture = data.picture, name = data.name, view_key = data.view_key }
end

--- The channel that a token belongs to.
---@param token any
---@return string? channel
function People:channel_of(token)
  if type(token) ~= "string" or not token:find("^%x+$") or #token > 64 then return nil end
  local channel, data = self.options.tokens:find(token)
  if not channel then return nil end
  if not (type(data) == "table" and data.name) then self:look_up(channel) end
  return channel
end

--- Whether somebody of this channel has logged in.
---@param channel any
---@return boolean
function People:is_known(channel)
  return type(channel) == "string" and self.options.tokens:of(channel) ~= nil
end

--- What is known of a channel.
---@param channel string
---@return argus.Person?
function People:of(channel)
  local data = self.options.tokens:of(channel)
  return data and person(data)
end

-- What is on its way to the store counts already: a name and a view key that come at the same time
-- must not undo each other.
local function newest(self, channel)
  local data = self.writing[channel] or self.options.tokens:of(channel)
  return data and person(data)
end

-- Writes by a function of the book; `self.writing` has the data until the last such call is over.
local function write(self, channel, data, how)
  self.writing[channel] = data
  local result, code = how(self.options.tokens, channel, data)
  if self.writing[channel] == data then self.writing[channel] = nil end
  return result, code
end

-- Asks for the name, once in a while, without anybody waiting for it.
function People:look_up(channel)
  local now, options = self.options.now(), self.options
  if options.is_offline or self.asking >= limits.names_under_way then return end
  if self.asked[channel] and now < self.asked[channel] then return end
  self.asked[channel] = now + limits.name_again_ms
  self.asking = self.asking + 1
  options.spawn(function()
    local name, reason = options.name_of(channel)
    self.asking = self.asking - 1
    if not name then
      nightjar.log.info("no name for a channel", { channel = channel, reason = reason })
      return
    end
    self.asked[channel] = nil
    local data = newest(self, channel)
    if not data then return end
    data.name = name
    write(self, channel, data, options.tokens.update)
  end)
end

--- A new token for somebody; the one before is no longer good. Waits for the store.
---@async
---@param channel string
---@param picture? string
---@return string? token
---@return string? code
function People:issue(channel, picture)
  local data = newest(self, channel) or {}
  data.picture = picture
  -- Looked up again when the token is used: people rename themselves.
  data.name = nil
  return write(self, channel, data, self.options.tokens.issue)
end

--- The key that opens a channel's overlays. Waits for the store if it is a new one.
---@async
---@param channel string
---@param renew? boolean make a new one; the one before is no longer good
---@return string? key
---@return string? code
function People:view_key(channel, renew)
  local data = newest(self, channel)
  if not data then return nil, "none" end
  if data.view_key and not renew then
    -- One that is being written is handed out when the store has it.
    if not self.writing[channel] then return data.view_key end
  else
    data.view_key = nightjar.crypto.hex(nightjar.random.bytes(16))
  end
  local done, code = write(self, channel, data, self.options.tokens.update)
  if not done then return nil, code end
  return data.view_key
end

-- The key of one delay follows from the channel's own, and not the other way round: who has it can
-- neither find that one nor look with a shorter delay.
local function key_of_delay(view_key, delay)
  local digest = nightjar.crypto.hmac_sha256(view_key, "delay " .. delay)
  return nightjar.crypto.hex(digest):sub(1, 32)
end

--- The key that opens a channel's overlays with this delay and no other. The channel's own key
-- gives every one; one that is the delay's already gives itself.
---@param channel any
---@param key any
---@param delay integer seconds
---@return string? key nil: that key does not open them
function People:delayed_key(channel, key, delay)
  if type(channel) ~= "string" or type(key) ~= "string" then return nil end
  local data = self:of(channel)
  if not data or not data.view_key then return nil end
  if delay == 0 then return nightjar.crypto.equal(data.view_key, key) and key or nil end
  local delayed = key_of_delay(data.view_key, delay)
  local own = nightjar.crypto.equal(data.view_key, key)
  return (nightjar.crypto.equal(delayed, key) or own) and delayed or nil
end

--- Whether a key opens the overlays of a channel: the channel's own does, with any delay; that of a
-- delay only with this one.
---@param channel any
---@param key any
---@param delay integer seconds
---@return boolean
function People:opens(channel, key, delay)
  return self:delayed_key(channel, key, delay) ~= nil
end

return M
