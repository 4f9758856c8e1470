--- The player's own data on a site: what a component may make of them.

local nightjar = require "nightjar"

local M = {}

-- All of a player's data together. Enough for settings and progress, too little to store files.
M.BYTES_MAX = 16 * 1024

-- What the server itself keeps in there. A client's values for these are ignored, not refused:
-- clients send back all they got.
local SERVER_OWNED = {
  soc_level = true, soc_level_progress = true, soc_level_prog = true, spend_total = true,
}

--- The data as a component wants them, with the server's own keys as they are now.
---@param current table
---@param wanted table
---@return table? data nil when refused
---@return string? code "component_error"
---@return string? detail
function M.replace(current, wanted)
  if type(wanted) ~= "table" then return nil, "component_error", "the data must be an object" end
  local data = {}
  for key, value in pairs(wanted) do
    if type(key) ~= "string" then return nil, "component_error", "the data must be an object" end
    if not SERVER_OWNED[key] then data[key] = value end
  end
  for key in pairs(SERVER_OWNED) do data[key] = current[key] end
  local text, _, detail = nightjar.json.encode(data)
  if not text then return nil, "component_error", detail end
  if #text > M.BYTES_MAX then
    return nil, "component_error", "more than " .. M.BYTES_MAX .. " bytes"
  end
  return data
end

--- The data at the start of a session: `first_time` stands in them during a user's very first one.
---@param current table
---@param is_first boolean
---@return table? data nil when they stay as they are
function M.at_start(current, is_first)
  if is_first == (current.first_time ~= nil) then return nil end
  local data = {}
  for key, value in pairs(current) do data[key] = value end
  data.first_time = is_first or nil
  return data
end

return M
