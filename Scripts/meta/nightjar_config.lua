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

---Gives all settings of this package as the configuration has them. `lib.settings` checks them against what the package knows.
---@return table settings By name; empty if there are none.
function config.all() end

---Tells whether a text is a secret of this package. Scripts cannot read secrets, and the answer takes as long for a nearly right text as for a wrong one.
---@param name string Name of a secret, like "token".
---@param text? string What somebody gave; nil is never right.
---@return boolean? right nil: no such secret is configured.
function config.matches(name, text) end

---Says that a setting cannot be used, and ends the load: the message names the operator's file, with line and path. `lib.settings` does so for what is declared.
---@param name string Name of a setting.
---@param problem string What is wrong with it, and what to write instead.
function config.mistake(name, problem) end

return config
