--- An example of triggers over what another package publishes: the gateway tells on the topic
-- `gateway.events` which services and shards come and go, and whoever runs a bot hears of what
-- matters. Start it with
--
--     nightjar serve --debug --listen gateway --packages Scripts/examples
--     nightjar triggers --package gateway_watch
--
-- The triggers are in triggers.lua: save that file, and the next event meets the new ones.
-- docs/triggers.md explains it, docs/gateway.md the events.

local nightjar = require "nightjar"
local triggers = require "lib.triggers"

---@type nightjar.Package
local M = {}

local set = triggers.new {
  name = "gateway",
  events = {
    name = "kind",
    common = { at = "integer", name = "string" },
    kinds = {
      service_came = { service = "string", together = "integer" },
      service_gone = { service = "string", together = "integer", stayed_ms = "integer" },
      shard_given = { bot = "string", shard = "integer", shards = "integer" },
      shard_freed = { bot = "string", shard = "integer", why = "string" },
    },
    filters = {
      { property = "services", fields = { "service" }, type = "string" },
      { property = "bots", fields = { "bot" }, type = "string" },
    },
  },
}

require("triggers")(set, print)

set:provide()

function M.on_reload() set:resume() end

nightjar.subscribe("gateway.events", function(event) set:dispatch(event) end)

return M
