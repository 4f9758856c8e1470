---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.state
local state = {}

---A value that survives reloads.
---@param key string
---@param default? nightjar.Plain
---@return nightjar.Plain value
function state.get(key, default) end

---Keeps a value through reloads; nil removes it. An error in a package with `M.workers = "all"`, which has no state.
---@param key string
---@param value nightjar.Plain
---@return boolean? done
---@return string? code With nil: `stale_generation`.
---@return string? detail
function state.set(key, value) end

---All that is kept, by key.
---@return table values
function state.all() end

return state
