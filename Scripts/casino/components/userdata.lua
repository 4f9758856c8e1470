--- Session component `userdata`: the player's free-form data, kept by the server for the game's
-- clients.
--
-- `{"what": "set", "values": {"tutorial": 3, "old_key": null}}` merges top-level keys; null
-- deletes one.

local nightjar = require "nightjar"

local null, encode = nightjar.json.null, nightjar.json.encode

local M = {}

-- All of a player's data together. Enough for settings and progress, too little to store files.
local BYTES_MAX = 16 * 1024

-- What the server itself keeps in there. A client's values for these are ignored, not refused:
-- clients send back all they got.
local SERVER_OWNED = {
  soc_level = true, soc_level_progress = true, soc_level_prog = true, spend_total = true,
}

--- Handles a component message. Pure: the host stores what is returned.
---@param session {platform: string, site: string, user: string, userdata: table, credits: integer}
---@param message table what the client sent
---@return {userdata: table}? changes nil when refused
---@return string? code "component_error"
---@return string? detail
function M.message(session, message)
  if message.what ~= "set" then return nil, "component_error", "what must be \"set\"" end
  local values = message.values
  if type(values) ~= "table" then return nil, "component_error", "values must be an object" end
  local merged = {}
  for key, value in pairs(session.userdata) do merged[key] = value end
  for key, value in pairs(values) do
    if type(key) ~= "string" then return nil, "component_error", "values must be an object" end
    if not SERVER_OWNED[key] then
      if value == null then value = nil end
      merged[key] = value
    end
  end
  local text, _, detail = encode(merged)
  if not text then return nil, "component_error", detail end
  if #text > BYTES_MAX then return nil, "component_error", "more than " .. BYTES_MAX .. " bytes" end
  return { userdata = merged }
end

return M
