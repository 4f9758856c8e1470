---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.http
local http = {}

---Declares a handler for GET requests.
---@param path string `/a/:id` has a parameter, `/files/*` matches everything below.
---@param handler fun(request: nightjar.Request): (string|nightjar.Answer)? Gets a request; returns a string, or a table `{status =, headers = {}, body =}` or `{status =, json = value}`, or nothing (204). May wait.
---@param options? nightjar.RouteOptions
function http.get(path, handler, options) end

---Declares a handler for POST requests.
---@param path string `/a/:id` has a parameter, `/files/*` matches everything below.
---@param handler fun(request: nightjar.Request): (string|nightjar.Answer)? Gets a request; returns a string, or a table `{status =, headers = {}, body =}` or `{status =, json = value}`, or nothing (204). May wait.
---@param options? nightjar.RouteOptions
function http.post(path, handler, options) end

---Declares a handler for PUT requests.
---@param path string `/a/:id` has a parameter, `/files/*` matches everything below.
---@param handler fun(request: nightjar.Request): (string|nightjar.Answer)? Gets a request; returns a string, or a table `{status =, headers = {}, body =}` or `{status =, json = value}`, or nothing (204). May wait.
---@param options? nightjar.RouteOptions
function http.put(path, handler, options) end

---Declares a handler for PATCH requests.
---@param path string `/a/:id` has a parameter, `/files/*` matches everything below.
---@param handler fun(request: nightjar.Request): (string|nightjar.Answer)? Gets a request; returns a string, or a table `{status =, headers = {}, body =}` or `{status =, json = value}`, or nothing (204). May wait.
---@param options? nightjar.RouteOptions
function http.patch(path, handler, options) end

---Declares a handler for DELETE requests.
---@param path string `/a/:id` has a parameter, `/files/*` matches everything below.
---@param handler fun(request: nightjar.Request): (string|nightjar.Answer)? Gets a request; returns a string, or a table `{status =, headers = {}, body =}` or `{status =, json = value}`, or nothing (204). May wait.
---@param options? nightjar.RouteOptions
function http.delete(path, handler, options) end

---Serves the files of a folder. Without the slash at the end a browser is sent to the path with it. Files of the same names in `packages/NAME` of the data folder take their places, and others there are served too.
---@param path string Where the files appear.
---@param directory string Folder inside the package's folder, or with `shared` inside `Scripts/lib`.
---@param options? nightjar.FolderOptions
function http.static(path, directory, options) end

---Sends an HTTP request and waits for the answer. Any status is an answer; redirects are not followed.
---
---Waits; not while the script loads.
---@async
---@param request nightjar.FetchRequest
---@return nightjar.FetchResponse? response
---@return string? code With nil: `bad_url`, `timeout`, `connect_failed`, `tls_failed`, `too_large`, `busy`, `failed`.
---@return string? detail
function http.fetch(request) end

return http
