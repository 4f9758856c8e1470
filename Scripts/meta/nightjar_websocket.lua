---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.websocket
local websocket = {}

---Declares a WebSocket endpoint.
---@param path string Where clients connect; `:name` parts are parameters.
---@param handlers table `open(conn, request)`, `message(conn, text, binary)`, `close(conn, code, reason)`, `error(conn, code)`, and options: `idle_timeout` (seconds from 0.05: a client that sends no message for so long is closed), `pings_keep_alive` (true: its pings count as messages for that), `ping_interval` (seconds, or false for no pings), `pong_timeout` (seconds), `max_message` (bytes), `concurrent` (boolean), `origins` (list, or "*"), `compression` (true, or a table: `threshold` in bytes, shorter messages are sent as they are, 50; `context_takeover`, false; `window_bits` 9…15, 12; `level` 1…9, 6; `memory_level` 1…9, 4). Times are kept to about a quarter of a second and never cut short.
function websocket.endpoint(path, handlers) end

---Gives the connection with this number: ids survive a reload in `nightjar.state`, connection objects do not. In `M.on_reload` its `data` is not there yet.
---@param id integer A connection's `id`.
---@return nightjar.Connection? conn nil if it is gone, or belongs to another package.
function websocket.connection(id) end

return websocket
