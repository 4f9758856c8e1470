--- Arcana cards, and the grasp they cost. Protocol versions 1 and 2 have different names for them;
-- viewers get the one that the mapping has.

local items = require "parse.items"
local json = require("nightjar").json

local M = {}

-- By level. A card of level 0 is on the table and does nothing.
local RARITIES = { [0] = "None", "Common", "Rare", "Epic", "Heroic" }

-- The card's name in the other protocol version.
local function other_spelling(name, lists)
  local card = lists.arcana[lists.cards[name]]
  if not card then return nil end
  return card.v2 == name and card.v1 or card.v2
end

--- Reads the string of cards.
---@param text string? nil if there are none
---@param mapping argus.Mapping
---@param lists argus.Lists
---@param warn argus.Warnings
---@return table
function M.read(text, mapping, lists, warn)
  if not text then return {} end
  local result = { arcanaList = json.array {}, totalGrasp = 0 }
  for level, name in items.pairs(text, "arcanaData", warn) do
    local code = mapping.arcana[name] and name or other_spelling(name, lists)
    local entry, index = mapping.arcana[code], items.level(level)
    local rarity = index and RARITIES[index]
    if entry and rarity then
      result.arcanaList[#result.arcanaList + 1] = {
        codeName = code, name = entry.name, rarity = rarity,
        description = entry.descriptions[index + 1],
      }
      result.totalGrasp = result.totalGrasp + entry.grasp
    elseif entry then
      warn:add("%s has the level %s: skipped", name, level)
    else
      warn:add("the mapping has no card %s: skipped", name)
    end
  end
  return result
end

return M
