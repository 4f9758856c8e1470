--- The gateway's settings. What they mean is in docs/gateway.md; secrets are not among them.

local nightjar = require "nightjar"
local limits = require "limits"

--- A setting that is a whole number. Another value keeps the gateway from being loaded.
---@param key string
---@param most integer
---@return integer
local function whole(key, most)
  local value = nightjar.config.get(key, 0)
  if math.type(value) ~= "integer" or value < 0 or value > most then
    error("the setting " .. key .. " must be a whole number from 0 to " .. most, 0)
  end
  return value
end

return {
  -- Clients that may be connected; 0: as many as the server can hold.
  max_clients = whole("max_clients", 1000000),
  -- Shards of every pool; 0: as the first SHARD_CONNECT of a pool says.
  shard_count = whole("shard_count", limits.shards),
  -- How long a shard waits for a holder whose connection is gone, milliseconds; a day at most.
  shard_grace_ms = whole("shard_grace_ms", 86400000),
}
