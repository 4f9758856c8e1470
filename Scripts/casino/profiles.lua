--- What is known about a user beyond the id: a name, a picture, whatever the platform tells.

local nightjar = require "nightjar"

local M = {}

-- As much as the store keeps of a profile.
M.BYTES_MAX = 16 * 1024

--- A profile that is small enough to be kept.
---@param profile table
---@return table? profile nil when it is too large
---@return string? detail
function M.bounded(profile)
  local text, _, detail = nightjar.json.encode(profile)
  if not text then return nil, "the profile cannot be stored: " .. detail end
  if #text > M.BYTES_MAX then
    return nil, "the profile is larger than " .. M.BYTES_MAX .. " bytes"
  end
  return profile
end

return M
