--- The weapon: its whole entry of the mapping, with what the run says about it.

local items = require "parse.items"
local json = require("nightjar").json

local M = {}

local RARITIES = {
  Common = true, Rare = true, Epic = true, Heroic = true, Legendary = true, Perfect = true,
}

-- Everything that an entry says, as tables that nobody else holds. What is written into them must
-- not be there for the next run.
local function copy_of(value)
  if type(value) ~= "table" then return value end
  local copy = #value > 0 and json.array {} or {}
  for key, element in pairs(value) do copy[key] = copy_of(element) end
  return copy
end

--- Reads the string of the weapon.
---@param text string? nil if there is none
---@param mapping argus.Mapping
---@param warn argus.Warnings
---@return table
function M.read(text, mapping, warn)
  if not text then return {} end
  local rarity, name = items.two(text)
  if not rarity then
    warn:add("weaponData is %s, which has not two parts: no weapon is shown", text)
    return {}
  end
  local entry = mapping.weapons[name]
  if not entry then
    warn:add("the mapping has no weapon %s: none is shown", name)
    return {}
  end
  local result = copy_of(entry)
  result.codeName, result.rarity = name, items.rarity(rarity, RARITIES, name, warn)
  local column = result.rarity:lower()
  for _, effect in ipairs(result.effects or {}) do effect.value = effect[column] end
  if result.effects then json.array(result.effects) end
  return result
end

return M
