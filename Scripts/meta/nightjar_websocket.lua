---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.websocket
local websocket = {}

---Declares a WebSocket endpoint.
---@param path string Where clients connect; `:name` parts are parameters.
---@param handlers table `open(conn, request)`, `message(conn, text, binary)`, `close(conn, code, reason)`, `error(conn, code)`, and options: `idle_timeout` (seconds), `max_message` (bytes), `concurrent` (boolean), `origins` (list, or "*").
function websocket.endpoint(path, handlers) end

return websocket
