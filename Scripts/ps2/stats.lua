--- Brings the server's metrics up to date (`/metrics` of the listener ops).

local nightjar = require "nightjar"
local core = require "core"
local kept = require "lib.kept"

local M = {}

-- What the metrics have been told already, by name.
local told = kept("told")

local function tell(name, total)
  local before = told[name] or 0
  if total > before then
    nightjar.metrics.counter(name):add(total - before)
    told[name] = total
  end
end

function M.publish()
  for name, total in pairs(core.counts) do tell("ps2." .. name, total) end
  tell("ps2.duplicates", core.duplicates.kept.dropped)
  tell("ps2.subscriptions_altered", core.connection.kept.counts.altered)
  nightjar.metrics.gauge("ps2.connected"):set(core.connection:is_open() and 1 or 0)
  nightjar.metrics.gauge("ps2.triggers"):set(#core.set:list())
end

return M
