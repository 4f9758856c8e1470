--- Metrics of totals that a package counts itself, which costs an addition where it counts.
--
--   local counters = require "lib.counters"
--   counters.publish("chat.messages", messages) -- from time to time
--
-- What has been told survives reloads with `lib.kept`, so nothing is told twice.

local nightjar = require "nightjar"
local kept = require "lib.kept"

local M = {}

-- What the metrics have been told already, by name.
local told = kept("told")

--- Brings a counter of the server's metrics up to date.
---@param name string
---@param total integer what it has come to; never less than before
function M.publish(name, total)
  local before = told[name] or 0
  if total > before then
    nightjar.metrics.counter(name):add(total - before)
    told[name] = total
  end
end

return M
