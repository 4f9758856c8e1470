---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.config
local config = {}

---Gives a setting of this package.
---@param key string Name of a setting.
---@param default? nightjar.Plain Returned when the setting is absent or null.
---@return nightjar.Plain value Numbers, strings, booleans, tables, as in the configuration.
function config.get(key, default) end

return config
