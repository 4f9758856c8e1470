--- The gateway's settings. What they mean is in docs/gateway.md and docs/gateway-queues.md; secrets
-- are not among them.

local limits = require "limits"
local settings = require "lib.settings"

local function whole(default, least, most)
  return { type = "integer", min = least, max = most, default = default }
end

local M = settings.read {
  -- Clients that may be connected; 0: as many as the server can hold.
  max_clients = whole(0, 0, 1000000),
  -- Shards of every pool; 0: as the first SHARD_CONNECT of a pool says.
  shard_count = whole(0, 0, limits.shards),
  -- How long a shard waits for a holder whose connection is gone, milliseconds; a day at most.
  shard_grace_ms = whole(0, 0, 86400000),

  -- Of the queues, see queues/limits.lua.
  queue_messages = whole(10000, 1, 100000),
  queue_bytes = whole(64 * 1024 * 1024, 1024, 1 << 40),
  queue_count = whole(200, 1, 1000),
  queue_message_bytes = whole(256 * 1024, 64, 512 * 1024),
  queue_ids = whole(20000, 0, 100000),
  queue_attempts = whole(5, 1, 1000),
  queue_dead_messages = whole(1000, 1, 10000),
  queue_prefetch = whole(10, 1, 256),
  queue_timeout_ms = whole(30000, 100, 3600000),
}

return M
