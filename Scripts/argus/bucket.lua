--- What may be sent for a channel now: Twitch takes a hundred messages at once, then one a second.

local limits = require "limits"

local M = {}

---@class argus.Bucket
---@field tokens number
---@field at integer when that was so, milliseconds
---@field gained number tokens that have come since it was full

--- By channel; full ones are left out.
---@alias argus.Buckets table<string, argus.Bucket>

-- What is in a channel's bucket now, and how much of it has come by and by.
local function filled(buckets, channel, now)
  local bucket = buckets[channel]
  if not bucket then return limits.bucket_tokens, 0 end
  -- A clock that was set back gives nothing and takes nothing.
  local gained = math.max(0, now - bucket.at) / 1000
  if bucket.tokens + gained >= limits.bucket_tokens then return limits.bucket_tokens, 0 end
  return bucket.tokens + gained, bucket.gained + gained
end

--- How many messages Twitch would take for a channel now.
---@param buckets argus.Buckets
---@param channel string
---@param now integer milliseconds
---@return number
function M.level(buckets, channel, now) return (filled(buckets, channel, now)) end

--- Takes tokens, all that are wanted or none.
---@param buckets argus.Buckets
---@param channel string
---@param count integer
---@param now integer
---@return boolean taken
function M.take(buckets, channel, count, now)
  local tokens, gained = filled(buckets, channel, now)
  local usable = tokens - math.min(gained, limits.bucket_margin_ms / 1000)
  -- Seconds are fractions: a hair's breadth is no reason to wait for the next look.
  if usable + 1e-6 < count then return false end
  buckets[channel] = { tokens = tokens - count, at = now, gained = gained }
  return true
end

--- Believes Twitch, which says after each message what is left: others may send for the same
-- channel.
---@param buckets argus.Buckets
---@param channel string
---@param remaining integer what its header says
---@param unanswered integer messages under way, which it may not have counted yet
---@param now integer
function M.correct(buckets, channel, remaining, unanswered, now)
  local left = math.max(0, remaining - unanswered)
  local tokens = filled(buckets, channel, now)
  if left < tokens then buckets[channel] = { tokens = left, at = now, gained = 0 } end
end

--- Forgets buckets that are full.
---@param buckets argus.Buckets
---@param now integer
function M.sweep(buckets, now)
  for channel in pairs(buckets) do
    if filled(buckets, channel, now) >= limits.bucket_tokens then buckets[channel] = nil end
  end
end

return M
