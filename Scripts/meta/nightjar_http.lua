---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.http
local http = {}

---Declares a handler for GET requests.
---@param path string `/a/:id` has a parameter, `/files/*` matches everything below.
---@param handler function Gets a request; returns a string, or a table `{status =, headers = {}, body =}` or `{status =, json = value}`, or nothing (204). May wait.
---@param options? table `max_body` (bytes), `cors` (true: scripts of any site may ask and read the answer).
function http.get(path, handler, options) end

---Declares a handler for POST requests.
---@param path string `/a/:id` has a parameter, `/files/*` matches everything below.
---@param handler function Gets a request; returns a string, or a table `{status =, headers = {}, body =}` or `{status =, json = value}`, or nothing (204). May wait.
---@param options? table `max_body` (bytes), `cors` (true: scripts of any site may ask and read the answer).
function http.post(path, handler, options) end

---Declares a handler for PUT requests.
---@param path string `/a/:id` has a parameter, `/files/*` matches everything below.
---@param handler function Gets a request; returns a string, or a table `{status =, headers = {}, body =}` or `{status =, json = value}`, or nothing (204). May wait.
---@param options? table `max_body` (bytes), `cors` (true: scripts of any site may ask and read the answer).
function http.put(path, handler, options) end

---Declares a handler for DELETE requests.
---@param path string `/a/:id` has a parameter, `/files/*` matches everything below.
---@param handler function Gets a request; returns a string, or a table `{status =, headers = {}, body =}` or `{status =, json = value}`, or nothing (204). May wait.
---@param options? table `max_body` (bytes), `cors` (true: scripts of any site may ask and read the answer).
function http.delete(path, handler, options) end

---Serves the files of a folder.
---@param path string Where the files appear.
---@param directory string Folder inside the package's folder.
---@param options? table `index` (a file name).
function http.static(path, directory, options) end

---Sends an HTTP request and waits for the answer. Any status is an answer; redirects are not followed.
---
---Waits; not while the script loads.
---@async
---@param request table `url`; `method` (default GET), `headers` (name → value or list of values), `body` (string), `timeout` (seconds, default 10, at most 30), `max_body` (bytes of the answer, default 1 MiB, at most 16 MiB).
---@return table? response `status`, `headers` (lower-case name → value), `body`.
---@return string? code With nil: `timeout`, `connect_failed`, `tls_failed`, `too_large`, `failed`.
---@return string? detail
function http.fetch(request) end

return http
