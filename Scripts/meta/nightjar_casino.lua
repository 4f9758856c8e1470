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
---@return table? game {id = …, settings = the manifest's, manifest = all of it}; nil when there is no such game.
function casino.game(name) end

---Names all games there are, while the script loads.
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

---Takes over a site, or its newer settings, while sessions go on. Those that `casino.sites` tells after a reload take its place.
---
---Waits; not while the script loads.
---@async
---@param site table As `casino.sites` describes it.
---@return boolean? done
---@return string? code With nil: `unavailable`, `bad_site`, `full`, or why the store has not taken the values of its jackpots.
---@return string? detail
function casino.put_site(site) end

---Sends a component's message to all sessions of a user. Who has none hears nothing.
---@param to nightjar.CasinoUser Whose sessions.
---@param which string The component in whose name it is sent.
---@param message table What the client gets as `message`, at most 16 KiB of JSON.
function casino.send(to, which, message) end

---Sends a component's message to all sessions that have subscribed to a topic.
---@param topic string As a component's answer names it under `subscribe`.
---@param which string The component in whose name it is sent.
---@param message table What the client gets as `message`, at most 16 KiB of JSON.
---@param options? nightjar.CasinoPublishOptions
function casino.publish(topic, which, message, options) end

---Reads a site's jackpots from the store.
---
---Waits; not while the script loads.
---@async
---@param platform string
---@param site string
---@return table? jackpots One a level that was opened: {id, value, version = how often it was won, reserve, overflow, commitment, meters = {start, contributed, hidden, seeded, drawn, awarded, overflowed, carried}}, storage units. See docs/casino-jackpots.md.
---@return string? code
---@return string? detail
function casino.jackpots(platform, site) end

return casino
