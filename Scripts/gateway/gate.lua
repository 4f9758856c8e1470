--- Whether the gateway takes further clients: there may be enough of them, or the server stops.

local clients = require "clients"
local settings = require "settings"

local M = {}

local max_clients = settings.max_clients

local stopping = false

--- From now on nobody is taken in.
function M.shut()
  stopping = true
end

--- Why nobody of this name may come in now.
---@param name string
---@return string? code nil if it may
---@return string? reason
function M.refusal(name)
  if stopping then return "not_accepting", "the gateway is shutting down" end
  if clients.by_name[name] then return "already_connected", name .. " is already connected" end
  if max_clients > 0 and clients.count >= max_clients then
    return "not_accepting", "the gateway has all the clients it takes"
  end
  return nil
end

return M
