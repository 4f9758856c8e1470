--- Times without a connection although one was wanted. What happened in the game meanwhile is lost,
-- and whoever counts must know.

local limits = require "limits"

local M = {}

---@class ps2.Downtime
---@field from integer milliseconds
---@field to? integer nil: it goes on
---@field reason string

--- It begins, unless it is going on.
---@param kept {list: ps2.Downtime[], total_ms: integer, count: integer}
---@param reason string
---@param now integer
function M.begin(kept, reason, now)
  local last = kept.list[#kept.list]
  if last and not last.to then
    -- The reason of the last attempt says more than that of the first.
    last.reason = reason
    return
  end
  kept.count = kept.count + 1
  kept.list[#kept.list + 1] = { from = now, reason = reason }
  if #kept.list > limits.downtimes then table.remove(kept.list, 1) end
end

--- The connection is there again, or nobody wants one any more.
---@param kept table
---@param now integer
---@return ps2.Downtime? ended
function M.finish(kept, now)
  local last = kept.list[#kept.list]
  if not last or last.to then return nil end
  last.to = math.max(now, last.from)
  kept.total_ms = kept.total_ms + last.to - last.from
  return last
end

--- All of it, milliseconds, with what is going on.
---@param kept table
---@param now integer
---@return integer
function M.total(kept, now)
  local last = kept.list[#kept.list]
  local current = last and not last.to and math.max(0, now - last.from) or 0
  return kept.total_ms + current
end

return M
