--- Boons: in their five slots, and the others.

local items = require "parse.items"
local json = require("nightjar").json

local M = {}

--- Rarities that boons have.
M.RARITIES = {
  Common = true, Rare = true, Epic = true, Heroic = true, Legendary = true, Duo = true,
  Infusion = true,
}

--- An entry's effects with the value of one column.
---@param entry argus.Entry
---@param column string
---@param fallback? string the column to take if that one is missing
---@return table? effects nil if the entry has none
function M.effects(entry, column, fallback)
  if not entry.effects then return nil end
  local effects = json.array {}
  for i, effect in ipairs(entry.effects) do
    local value = effect[column]
    if value == nil and fallback then value = effect[fallback] end
    effects[i] = { text = effect.text, value = value }
  end
  return effects
end

--- A boon as viewers get it.
---@param code string
---@param rarity string
---@param entry argus.Entry
---@return table
function M.boon(code, rarity, entry)
  local column = rarity:lower()
  -- A mapping for protocol version 1 has hammers without gods, and with a description like others.
  local hammer = not entry.gods or entry.gods[1] == "Hammer"
  local description = entry.description
  if hammer then description = description or entry[column] or entry.common end
  return {
    codeName = code, rarity = rarity, name = entry.name, boonType = hammer and "Hammer" or "Boon",
    description = description, effects = M.effects(entry, column),
  }
end

--- Reads the string of boons.
---@param text string? nil if there are none
---@param mapping argus.Mapping
---@param lists argus.Lists
---@param warn argus.Warnings
---@return table
function M.read(text, mapping, lists, warn)
  if not text then return {} end
  local result = { otherBoons = json.array {}, totalBoons = 0 }
  for rarity, name in items.pairs(text, "boonData", warn) do
    local code = items.bare(name, lists)
    local entry = mapping.boons[code]
    if entry then
      local boon = M.boon(code, items.rarity(rarity, M.RARITIES, name, warn), entry)
      if entry.slot then
        result[entry.slot:lower() .. "Boon"] = boon
      else
        result.otherBoons[#result.otherBoons + 1] = boon
      end
      result.totalBoons = result.totalBoons + 1
    else
      warn:add("the mapping has no boon %s: skipped", name)
    end
  end
  return result
end

return M
