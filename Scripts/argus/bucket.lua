--- What may be sent for a channel now: Twitch takes a hundred messages at once, then one a second.
--
-- What was sent before the server was started nobody remembers. So a channel that has none yet gets
-- what has come since the start and no more, until Twitch has answered its first message.

local limits = require "limits"

local M = {}

---@class argus.Bucket
---@field tokens number
---@field at integer when that was so, milliseconds
---@field gained number tokens that have come since it was full
---@field is_guess? boolean Twitch has not said anything yet, and there may be more

---@class argus.Buckets
---@field buckets table<string, argus.Bucket> by channel; full ones are left out
---@field started integer when the server was started, milliseconds

-- What has come since the start; no more than a bucket takes.
local function since_start(kept, now)
  -- A clock that was set back begins anew, and nobody waits until it has caught up.
  if now < kept.started then kept.started = now end
  return math.min(limits.bucket_tokens, (now - kept.started) / 1000)
end

-- What is in a channel's bucket now, how much of it has come by and by, and whether it is a guess.
local function filled(kept, channel, now)
  local bucket = kept.buckets[channel]
  if not bucket then
    local tokens = since_start(kept, now)
    if tokens >= limits.bucket_tokens then return tokens, 0, nil end
    return tokens, tokens, true
  end
  -- A clock that was set back gives nothing and takes nothing.
  local gained = math.max(0, now - bucket.at) / 1000
  if bucket.tokens + gained >= limits.bucket_tokens then return limits.bucket_tokens, 0, nil end
  return bucket.tokens + gained, bucket.gained + gained, bucket.is_guess
end

--- How many messages Twitch would take for a channel now.
---@param kept argus.Buckets
---@param channel string
---@param now integer milliseconds
---@return number
function M.level(kept, channel, now) return (filled(kept, channel, now)) end

--- Takes tokens, all that are wanted or none.
---@param kept argus.Buckets
---@param channel string
---@param count integer
---@param now integer
---@return boolean taken
function M.take(kept, channel, count, now)
  local tokens, gained, is_guess = filled(kept, channel, now)
  local usable = tokens - math.min(gained, limits.bucket_margin_ms / 1000)
  -- Seconds are fractions: a hair's breadth is no reason to wait for the next look.
  if usable + 1e-6 < count then return false end
  kept.buckets[channel] = {
    tokens = tokens - count, at = now, gained = gained, is_guess = is_guess,
  }
  return true
end

--- Believes Twitch, which says after each message what is left: others may send for the same
-- channel. That there is more than we know of is believed only of a guess.
---@param kept argus.Buckets
---@param channel string
---@param remaining integer what its header says
---@param unanswered integer messages under way, which it may not have counted yet
---@param now integer
function M.correct(kept, channel, remaining, unanswered, now)
  local left = math.max(0, math.min(remaining, limits.bucket_tokens) - unanswered)
  local tokens, _, is_guess = filled(kept, channel, now)
  if is_guess or left < tokens then
    kept.buckets[channel] = { tokens = left, at = now, gained = 0 }
  end
end

--- Forgets buckets that are full.
---@param kept argus.Buckets
---@param now integer
function M.sweep(kept, now)
  -- Soon after the start one that is unknown is not full.
  if since_start(kept, now) < limits.bucket_tokens then return end
  for channel in pairs(kept.buckets) do
    if filled(kept, channel, now) >= limits.bucket_tokens then kept.buckets[channel] = nil end
  end
end

return M
