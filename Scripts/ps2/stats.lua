--- Brings the server's metrics up to date (`/metrics` of the listener ops).

local nightjar = require "nightjar"
local core = require "core"
local counters = require "lib.counters"

local M = {}

function M.publish()
  for name, total in pairs(core.counts) do counters.publish("ps2." .. name, total) end
  counters.publish("ps2.duplicates", core.duplicates.kept.dropped)
  counters.publish("ps2.subscriptions_altered", core.connection.kept.counts.altered)
  nightjar.metrics.gauge("ps2.connected"):set(core.connection:is_open() and 1 or 0)
  nightjar.metrics.gauge("ps2.triggers"):set(#core.set:list())
end

return M
