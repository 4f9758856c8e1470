--- Warnings that may come with every event: the first ones of a minute are written, the others
-- counted, so that one broken source does not fill the log.

local limits = require "lib.triggers.limits"

local M = {}

local MINUTE_MS = 60000

---@class triggers.Reports
---@field write fun(message: string, fields: table)
---@field now fun(): integer
---@field kinds table<string, {began: integer, written: integer, held: integer}> by message

---@param write fun(message: string, fields: table)
---@param now fun(): integer
---@return triggers.Reports
function M.new(write, now) return { write = write, now = now, kinds = {} } end

--- Writes a warning, or counts it.
---@param reports triggers.Reports
---@param message string one of few: values go into the fields
---@param fields table
function M.warn(reports, message, fields)
  local now, kind = reports.now(), reports.kinds[message]
  if not kind then
    kind = { began = now, written = 0, held = 0 }
    reports.kinds[message] = kind
  end
  if now - kind.began >= MINUTE_MS or now < kind.began then
    if kind.held > 0 then fields.more = kind.held end
    kind.began, kind.written, kind.held = now, 0, 0
  end
  if kind.written >= limits.warnings then
    kind.held = kind.held + 1
    return
  end
  kind.written = kind.written + 1
  reports.write(message, fields)
end

return M
