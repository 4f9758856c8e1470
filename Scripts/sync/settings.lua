--- The package's settings: `"packages": {"sync": {…}}` in config.json. The environment variables
-- SOCKET_TIMEOUT and SOCKET_TIMEOUT_CHECK_INTERVAL set the two times.

local nightjar = require "nightjar"

--- A time of at least a millisecond and at most a day.
local function milliseconds(key, default)
  local value = tonumber(nightjar.config.get(key, default))
  if not value or value < 1 or value > 86400000 then
    error(("setting %s: milliseconds from 1 to 86400000 expected"):format(key), 0)
  end
  return value
end

local function switch(key, default)
  local value = nightjar.config.get(key, default)
  if type(value) ~= "boolean" then error(("setting %s: true or false expected"):format(key), 0) end
  return value
end

---@class sync.Settings
local M = {}

--- Like the published server to the last word: nothing that it does not do.
M.strict = switch("strict", false)
--- A member that joins late gets the leader's last push at once.
M.late_join_push = switch("late_join_push", true) and not M.strict
--- Pushes of anybody but a leader of the session are dropped.
M.pushes_from_leaders_only = switch("pushes_from_leaders_only", false) and not M.strict
--- The old protocol by polling, see polling.lua.
M.polling = switch("polling", false)

--- A socket that is silent for so long is closed.
M.socket_timeout_ms = milliseconds("socket_timeout_ms", 300000)
--- How often the published server looks for silent sockets. It is read so that configurations can
-- be taken over; here the server's own clock closes each socket at its time, give or take a
-- second, which is never early and never later than a sweep would be.
M.socket_timeout_check_interval_ms = milliseconds("socket_timeout_check_interval_ms", 80000)

return M
