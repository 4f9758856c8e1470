---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.casino
local casino = {}

---Reads the site files while the script loads; a change of one of them loads the package anew.
---@return table files List of {file = name for messages, text = the file's bytes}.
function casino.site_files() end

---Looks for a game while the script loads; when it comes, goes or changes its manifest, the package is loaded anew.
---@param name string As a site writes it; `-` and `_` are the same.
---@return table? game {id = …, settings = the manifest's}; nil when there is no such game.
function casino.game(name) end

---Names all games there are.
---@return table names Sorted list.
function casino.game_names() end

---Says what is wrong with a file, while the script loads: the package is then not taken over, and the one before goes on.
---@param file string As in `site_files`.
---@param line integer
---@param message string
function casino.mistake(file, line, message) end

---Says what is odd about a file without keeping anybody from using it: a line in the log, a mistake for `nightjar check`.
---@param file string As in `site_files`.
---@param line integer
---@param message string
function casino.warning(file, line, message) end

return casino
