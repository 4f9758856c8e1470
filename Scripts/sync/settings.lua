--- The package's settings: `"packages": {"sync": {…}}` in config.json. The environment variables
-- SOCKET_TIMEOUT and SOCKET_TIMEOUT_CHECK_INTERVAL set the two times.

local settings = require "lib.settings"

-- A time of at least a millisecond and at most a day.
local function milliseconds(default)
  return { type = "integer", min = 1, max = 86400000, default = default }
end

---@class sync.Settings
---@field strict boolean
---@field late_join_push boolean
---@field pushes_from_leaders_only boolean
---@field polling boolean
---@field socket_timeout_ms integer
---@field socket_timeout_check_interval_ms integer
local M = settings.read {
  -- Like the published server to the last word: nothing that it does not do.
  strict = { type = "boolean", default = false },
  -- A member that joins late gets the leader's last push at once.
  late_join_push = { type = "boolean", default = true },
  -- Pushes of anybody but a leader of the session are dropped.
  pushes_from_leaders_only = { type = "boolean", default = false },
  -- The old protocol by polling, see polling.lua.
  polling = { type = "boolean", default = false },
  -- A socket that is silent for so long is closed.
  socket_timeout_ms = milliseconds(300000),
  -- How often the published server looks for silent sockets. It is read so that configurations can
  -- be taken over; here the server's own clock closes each socket at its time, give or take a
  -- second, which is never early and never later than a sweep would be.
  socket_timeout_check_interval_ms = milliseconds(80000),
}

if M.strict then
  M.late_join_push = false
  M.pushes_from_leaders_only = false
end

return M
