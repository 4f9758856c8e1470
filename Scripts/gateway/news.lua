--- What happens to services and shards, for other packages: published on the topic
-- `gateway.events`. Only what comes and goes; messages between services are not told.
--
-- Scripts/examples/gateway_watch hears it.

local nightjar = require "nightjar"
local clients = require "clients"

local M = { TOPIC = "gateway.events" }

--- Where it goes; a spec has another.
M.publish = nightjar.publish

local function tell(kind, fields)
  fields.kind, fields.at = kind, nightjar.now()
  M.publish(M.TOPIC, fields)
end

-- How many of a service type are here.
local function together(service) return #(clients.by_service[service] or {}) end

--- A service has said who it is.
---@param client gateway.Client
function M.came(client)
  tell("service_came", {
    name = client.name, service = client.service, together = together(client.service),
  })
end

--- A service's connection is gone.
---@param client gateway.Client
function M.gone(client)
  tell("service_gone", {
    name = client.name, service = client.service, together = together(client.service),
    stayed_ms = math.max(0, nightjar.now() - client.since),
  })
end

--- A service has got its shard.
---@param name string the client's
---@param bot string
---@param shard integer
---@param shards integer of the bot
function M.shard_given(name, bot, shard, shards)
  tell("shard_given", { name = name, bot = bot, shard = shard, shards = shards })
end

--- A shard is free again.
---@param name string the client's that had it
---@param bot string
---@param shard integer
---@param why "given_back"|"gone"|"stayed_away" by SHARD_DEATH; with the connection; after the grace
function M.shard_freed(name, bot, shard, why)
  tell("shard_freed", { name = name, bot = bot, shard = shard, why = why })
end

return M
