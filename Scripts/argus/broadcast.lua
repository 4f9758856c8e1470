--- Broadcasting to the viewers on Twitch: the newest state of each channel, in parts, no faster
-- than Twitch takes them.
--
-- A state that cannot be sent at once waits, and what waits is never a state but a channel: when
-- its turn comes, the newest state goes, and those between are nobody's any more.

local bucket = require "bucket"
local limits = require "limits"

local M = {}

---@class argus.Sent how a message went
---@field ok boolean
---@field reason? string for the log
---@field remaining? integer what Twitch says may still be sent
---@field exhausted? boolean Twitch had enough of us
---@field off? boolean nothing can be sent at all

---@class argus.BroadcastOptions
---@field kept table survives reloads
---@field now fun(): integer
---@field output fun(channel: string): argus.Output? the newest state; nil: there is none
---@field parts fun(text: string): string[] with their headers
---@field send fun(channel: string, part: string): argus.Sent may wait
---@field spawn fun(fn: fun()): boolean?
---@field is_stale fun(): boolean whether a newer version of the scripts has taken over
---@field counted fun(name: string, amount?: integer)
---@field warn fun(message: string, fields: table)
---@field wake fun() a state has to wait: somebody is to look soon

---@class argus.Kept: argus.Buckets
---@field waiting table<string, integer> since when, by channel
---@field sent table<string, integer> channels with a broadcast that is not answered; when it began

---@class argus.Broadcast
---@field kept argus.Kept
local Broadcast = {}
Broadcast.__index = Broadcast

---@param options argus.BroadcastOptions
---@return argus.Broadcast
function M.new(options)
  local kept = options.kept
  kept.waiting, kept.buckets, kept.sent = kept.waiting or {}, kept.buckets or {}, kept.sent or {}
  -- After a reload this is the time of before.
  kept.started = kept.started or options.now()
  return setmetatable({
    kept = kept, options = options,
    -- Messages under way, of this version of the scripts: those of the one before end there.
    under_way = 0, unanswered = {}, off = false,
  }, Broadcast)
end

--- A channel has a new state.
---@param channel string
function Broadcast:changed(channel)
  if self.off then return end
  local kept = self.kept
  if kept.waiting[channel] then
    self.options.counted "superseded"
  else
    kept.waiting[channel] = self.options.now()
  end
  if not self:try(channel) then self.options.wake() end
end

-- Whether the answer to the broadcast before is still worth waiting for.
function Broadcast:is_out(channel, now)
  local began = self.kept.sent[channel]
  return began ~= nil and now - began < limits.order_ms and now >= began
end

--- Sends the newest state of a channel that waits, if it may go now.
---@param channel string
---@return boolean begun
function Broadcast:try(channel)
  local kept, options = self.kept, self.options
  local now = options.now()
  if self:is_out(channel, now) then return false end
  -- Before the state is read at all: in a storm most of them are never sent.
  if bucket.level(kept, channel, now) < 1 then return false end
  local output = options.output(channel)
  if not output then
    kept.waiting[channel] = nil
    return false
  end
  if output.count > limits.parts then
    kept.waiting[channel] = nil
    options.counted "failed"
    options.warn("a state is too long to be broadcast", {
      channel = channel, parts = output.count, limit = limits.parts,
    })
    return false
  end
  if self.under_way + output.count > limits.parts_under_way then return false end
  if not bucket.take(kept, channel, output.count, now) then return false end
  kept.waiting[channel] = nil
  self:begin(channel, output.text, now)
  return true
end

function Broadcast:begin(channel, text, now)
  local kept, options = self.kept, self.options
  kept.sent[channel] = now
  options.counted "broadcasts"
  local parts = options.parts(text)
  self.under_way = self.under_way + #parts
  self.unanswered[channel] = (self.unanswered[channel] or 0) + #parts
  local left = #parts
  for _, part in ipairs(parts) do
    local function send()
      local sent = options.send(channel, part)
      left = left - 1
      self:answered(channel, sent, left == 0 and now or nil)
    end
    if not options.spawn(send) then
      left = left - 1
      local busy = { ok = false, reason = "the server is busy" }
      self:answered(channel, busy, left == 0 and now or nil)
    end
  end
end

-- - began: of the broadcast, when this was the answer to its last part.
function Broadcast:answered(channel, sent, began)
  local kept, options = self.kept, self.options
  self.under_way = self.under_way - 1
  local unanswered = self.unanswered[channel] - 1
  self.unanswered[channel] = unanswered > 0 and unanswered or nil
  options.counted(sent.ok and "sent" or "failed")
  local now = options.now()
  if sent.off then self:switch_off(sent.reason) end
  if not sent.ok and not sent.off then
    options.warn("a message to Twitch failed", { channel = channel, reason = sent.reason })
  end
  if sent.exhausted then
    bucket.correct(kept, channel, 0, 0, now)
  elseif sent.remaining then
    bucket.correct(kept, channel, sent.remaining, unanswered, now)
  end
  if not began then return end
  if kept.sent[channel] == began then kept.sent[channel] = nil end
  -- The new version of the scripts has all this, and what waits is its business.
  if kept.waiting[channel] and not options.is_stale() then self:try(channel) end
end

--- Nothing can be sent: there is no secret to sign with. Overlays work all the same.
---@param reason? string
function Broadcast:switch_off(reason)
  if self.off then return end
  self.off = true
  self.kept.waiting = {}
  self.options.warn("nothing is broadcast to Twitch", { reason = reason or "no secret" })
end

--- Sends what has waited long enough. Called many times a second.
function Broadcast:tick()
  for _, channel in ipairs(self:waiting()) do self:try(channel) end
end

--- Whether a channel waits.
---@return boolean
function Broadcast:has_waiting() return next(self.kept.waiting) ~= nil end

--- Channels that wait, those first that have waited longest.
---@return string[]
function Broadcast:waiting()
  local list, since = {}, self.kept.waiting
  for channel in pairs(since) do list[#list + 1] = channel end
  table.sort(list, function(a, b)
    if since[a] ~= since[b] then return since[a] < since[b] end
    return a < b
  end)
  return list
end

--- Forgets what is over.
function Broadcast:sweep()
  local now = self.options.now()
  bucket.sweep(self.kept, now)
  for channel, began in pairs(self.kept.sent) do
    if now - began >= limits.order_ms then self.kept.sent[channel] = nil end
  end
end

return M
