--- Session component `userdata`: the player's free-form data, kept by the server for the game's
-- clients.
--
-- `{"what": "set", "values": {"tutorial": 3, "old_key": null}}` merges top-level keys; null
-- deletes one.

local nightjar = require "nightjar"
local userdata = require "userdata"

local null = nightjar.json.null

local M = {}

--- Handles a component message. Pure: the host stores what is returned.
---@param session casino.Session
---@param message table what the client sent
---@return casino.Answer? answer nil when refused
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
    if value == null then value = nil end
    merged[key] = value
  end
  local data, code, detail = userdata.replace(session.userdata, merged)
  if not data then return nil, code, detail end
  return { userdata = data }
end

return M
