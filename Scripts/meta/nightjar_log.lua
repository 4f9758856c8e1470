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

---Declares a function that gets the lines of the server's own log, as far as the configured level lets them through. Lines that the function writes itself, and its errors, are only in the log. When more lines come than can be delivered, one line tells how many are missing.
---@param handler function Gets a list of lines, in order, at most every 50 ms and never two lists at a time. A line is `{time = <Unix ms>, level = "info", message = "…", text = "12:34:56:007 [INFO] … name=value", fields = {name = "value"}}`, for lines of scripts with `unit` ("sync", "game joker_bingo") and `generation`. Levels: trace, debug, info, warn, error. May wait.
function log.listen(handler) end

return log
