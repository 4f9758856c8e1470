---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.websocket
local websocket = {}

---Declares a WebSocket endpoint.
---@param path string Where clients connect; `:name` parts are parameters.
---@param handlers nightjar.Endpoint Handlers and options. Times are kept to about a quarter of a second and never cut short.
function websocket.endpoint(path, handlers) end

---Gives the connection with this number: ids survive a reload in `nightjar.state`, connection objects do not. In `M.on_reload` its `data` is not there yet.
---@param id integer A connection's `id`.
---@return nightjar.Connection? conn nil if it is gone, or belongs to another package.
function websocket.connection(id) end

return websocket
