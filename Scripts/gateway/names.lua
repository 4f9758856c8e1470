--- Names of clients, service types and pools.

local limits = require "limits"

local M = {}

--- What is wrong with a name.
---@param name any
---@return string? problem nil if it is a name
function M.problem(name)
  if type(name) ~= "string" or name == "" then return "must be a name" end
  if #name > limits.name_bytes then
    return "must have at most " .. limits.name_bytes .. " bytes"
  end
  -- `:` separates the segments of a topic.
  if name:find("[:%s%c]") then return "must not contain ':' or blanks" end
  return nil
end

--- The service type that a name implies: "discord-1" is a "discord".
---@param name string
---@return string
function M.service_of(name)
  return name:match("^(.+)%-%d+$") or name
end

return M
