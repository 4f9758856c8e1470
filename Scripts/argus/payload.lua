--- What a payload says of a run: the eight strings, as they came or made of the game's raw tables.

local nightjar = require "nightjar"
local bounds = require "bounds"
local savetext = require "savetext"
local strings = require "strings"

local M = {}

--- What each string says when there is nothing to say.
M.NOTHING = {
  boonData = "NOBOONS", weaponData = "NOWEAPONS", familiarData = "NOFAMILIARS",
  extraData = "NOEXTRAS", elementalData = "NOELEMENTS", pinData = "NOPINS", vowData = "NOVOWS",
  arcanaData = "NOARCANA",
}

---@class argus.Payload
---@field strings table<string, string>
---@field warnings string[]
---@field unknown table[] traits that no list knows

-- The game's lists end with a blank; clients strip it, and so do we. Most texts have none, which is
-- seen from their ends.
local function stripped(text)
  if (text:byte() or 0) > 32 and text:byte(-1) > 32 then return text end
  return text:match("^%s*(.-)%s*$")
end

-- Lua has one kind of table for both; a list has a first element, or knows that it is one.
local function is_object(value)
  if type(value) ~= "table" then return false end
  if next(value) == nil then return nightjar.json.encode(value) == "{}" end
  return value[1] == nil
end

-- A string that is missing is one that has nothing to say.
local function from_strings(run_data)
  if not is_object(run_data) then
    return nil, "bad_run_data", "runData must be an object with the eight strings"
  end
  local read, warnings = {}, {}
  for name, nothing in pairs(M.NOTHING) do
    local value = run_data[name]
    if type(value) == "string" and #value <= bounds.string_bytes then
      value = stripped(value)
      read[name] = value ~= "" and value or nothing
    else
      read[name] = nothing
      local what = value == nil and "missing" or "no text that a run can have"
      warnings[#warnings + 1] = ("%s is %s: %s is taken"):format(name, what, nothing)
    end
  end
  table.sort(warnings)
  return { strings = read, warnings = warnings, unknown = {} }
end

local function from_game_state(state, lists, mapping, version)
  if type(state) == "string" then
    local value, message = savetext.read(state)
    if not value then return nil, "bad_game_state", "gameState, " .. message end
    state = value
  end
  if not is_object(state) then
    return nil, "bad_game_state", "gameState must be an object, or the text of a Lua table"
  end
  local read, reason, warnings, unknown = strings.build(state, lists, mapping, version)
  local payload = { strings = read, warnings = warnings or {}, unknown = unknown or {} }
  if not read then return nil, "nothing", reason or "nothing to show", payload end
  return payload
end

--- Reads the body of `/run_info`.
---@param body table
---@param lists argus.Lists
---@param mapping? table
---@return argus.Payload? payload
---@return "nothing"|"bad_run_data"|"bad_game_state"|nil code with nil; nothing: it is no run
---@return string? message
---@return argus.Payload? rest with "nothing": warnings and unknown traits all the same
function M.read(body, lists, mapping)
  if body.gameState ~= nil then
    -- Who does not say which version it speaks, speaks the first.
    local version = body.argusProtocolVersion or "1"
    return from_game_state(body.gameState, lists, mapping, version)
  end
  return from_strings(body.runData)
end

local function looks_like_strings(value)
  for name in pairs(M.NOTHING) do
    if value[name] ~= nil then return true end
  end
  return false
end

--- Reads whatever a person has at hand: a whole body, the eight strings alone, a raw game state,
-- the text of a Lua table.
---@param text string
---@param lists argus.Lists
---@param mapping? table
---@return argus.Payload? payload
---@return string? code
---@return string? message
---@return argus.Payload? rest
function M.read_any(text, lists, mapping)
  local value, _, detail = nightjar.json.decode(text)
  if type(value) ~= "table" then
    local state, message = savetext.read(text)
    if not state then
      return nil, "unreadable", ("neither JSON (%s) nor the text of a Lua table (%s)"):format(
        detail or "a value that is no object", message)
    end
    return M.read_any_value(state, lists, mapping)
  end
  return M.read_any_value(value, lists, mapping)
end

--- The same for a value.
---@param value table
---@param lists argus.Lists
---@param mapping? table
---@return argus.Payload? payload
---@return string? code
---@return string? message
---@return argus.Payload? rest
function M.read_any_value(value, lists, mapping)
  if value.gameState ~= nil or value.runData ~= nil then return M.read(value, lists, mapping) end
  if looks_like_strings(value) then return from_strings(value) end
  return from_game_state(value, lists, mapping, "2")
end

return M
