--- Platform `demo`: anybody may play. Every user id is accepted, the token is ignored; without an
-- id the user is new each time.

local nightjar = require "nightjar"

local M = {}

-- As much as the store keeps of a profile.
local PROFILE_BYTES_MAX = 16 * 1024

--- Says who the user is. May wait.
---@param credentials {uid: string, token: string, userinfo: table?}
---@return {uid: string, profile: table}? user nil when the platform does not know the user
---@return string? detail for the log
function M.authenticate(credentials)
  local uid = credentials.uid
  if uid == "" then uid = "demo-" .. nightjar.random.uuid() end
  if uid:find("\0", 1, true) then return nil, "the user id has a zero byte" end
  local profile = credentials.userinfo or {}
  if #nightjar.json.encode(profile) > PROFILE_BYTES_MAX then
    return nil, "the profile is larger than " .. PROFILE_BYTES_MAX .. " bytes"
  end
  return { uid = uid, profile = profile }
end

return M
