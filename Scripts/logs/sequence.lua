--- Numbers that only grow: through reloads because the last one is kept, through restarts because
-- they follow the clock. Microseconds since 1970 stay exact in a JavaScript number.

local M = {}

--- Takes the next numbers.
---@param last integer the last one that was given, 0: none yet
---@param now integer Unix ms
---@param count integer how many
---@return integer first
---@return integer last to be kept for the next time
function M.take(last, now, count)
  local first = math.max(last + 1, now * 1000)
  return first, first + count - 1
end

return M
