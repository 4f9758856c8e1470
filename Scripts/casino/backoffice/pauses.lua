--- Pauses that grow: 1 s, 2 s, 4 s … 5 min. A little chance keeps many servers from coming back at
-- the same moment.

local nightjar = require "nightjar"
local limits = require "backoffice.limits"

local M = {}

--- How long to wait after so many failures in a row.
---@param failures integer 1 …
---@return number seconds
function M.after(failures)
  -- Beyond this many doublings it is the longest one anyway.
  local doublings = math.min(failures - 1, 20)
  local pause = math.min(limits.pause_last, limits.pause_first * 2 ^ doublings)
  return pause * (0.9 + nightjar.random.integer(0, 100) / 1000)
end

return M
