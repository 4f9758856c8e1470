---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.websocket
local websocket = {}

---Declares a WebSocket endpoint.
---@param path string Where clients connect; `:name` parts are parameters.
---@param handlers nightjar.Endpoint Handlers and options. Times are kept to about a quarter of a second and never cut short.
function websocket.endpoint(path, handlers) end

---Declares a connection to another server. It opens when the package goes live, again after it was lost, and stays open through reloads as long as name, URL, headers and protocols are the same. Only for packages with one worker.
---@param name string Names the connection within the package: 1…64 letters, digits, `_`, `-` or `.`.
---@param url string `ws://` or `wss://`, a host, and a port from 1 to 65535 if there is one. Its query is never logged.
---@param options nightjar.ClientOptions Handlers and options.
---@return nightjar.Client client
function websocket.connect(name, url, options) end

---Gives the connection with this number: ids survive a reload in `nightjar.state`, connection objects do not. In `M.on_reload` its `data` is not there yet.
---@param id integer A connection's `id`.
---@return nightjar.Connection? conn nil if it is gone, or belongs to another package.
function websocket.connection(id) end

return websocket
