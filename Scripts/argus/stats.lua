--- Brings the server's figures up to date (`/metrics` of the listener `ops`).

local nightjar = require "nightjar"
local core = require "core"

local M = {}

local function size(map)
  local count = 0
  for _ in pairs(map) do count = count + 1 end
  return count
end

function M.publish()
  nightjar.metrics.gauge("argus.channels"):set(size(core.runs.kept.list))
  nightjar.metrics.gauge("argus.viewers"):set(core.views.kept.count)
  nightjar.metrics.gauge("argus.waiting"):set(size(core.broadcast.kept.waiting))
  nightjar.metrics.gauge("argus.under_way"):set(core.broadcast.under_way)
end

return M
