---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.log
local log = {}

---For development; not shown in production.
---@param message string The line; without values, so that equal events have equal lines.
---@param fields? table Values by name, shown behind the message.
function log.debug(message, fields) end

---What happens in normal operation.
---@param message string The line; without values, so that equal events have equal lines.
---@param fields? table Values by name, shown behind the message.
function log.info(message, fields) end

---What is odd but handled.
---@param message string The line; without values, so that equal events have equal lines.
---@param fields? table Values by name, shown behind the message.
function log.warn(message, fields) end

---What went wrong.
---@param message string The line; without values, so that equal events have equal lines.
---@param fields? table Values by name, shown behind the message.
function log.error(message, fields) end

---What `print` does: a line of level info.
---@param text string The line.
function log.print(text) end

return log
