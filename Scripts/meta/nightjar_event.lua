---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.event
local event = {}

---Waits until `notify` is called with this name.
---
---Waits; not while the script loads.
---@async
---@param name string
---@param timeout? number Seconds; without it the handler's own time limit counts.
---@return nightjar.Plain value What `notify` was given.
---@return string? code "timeout" if it did not come.
function event.wait(name, timeout) end

---Wakes all handlers of this package that wait for the name. Who waits only afterwards hears nothing.
---@param name string
---@param value? nightjar.Plain Plain data.
function event.notify(name, value) end

return event
