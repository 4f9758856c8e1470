--- Extras, the strip at the bottom: a keepsake, a hex, and what people met on the way gave.

local boons = require "parse.boons"
local items = require "parse.items"
local json = require("nightjar").json

local M = {}

local KEEPSAKE_RARITIES = { Common = true, Rare = true, Epic = true, Heroic = true }

-- What the strip calls the boons of these. They are shown without effects.
local PLAIN = { Chaos = "Chaos Curse", Icarus = "Icarus", Medea = "Medea", Circe = "Circe" }
-- These have effects, which depend on the rarity.
local WITH_EFFECTS = { Hades = true, Athena = true }

local function keepsake(code, rarity, entry, warn)
  rarity = items.rarity(rarity, KEEPSAKE_RARITIES, code, warn)
  return {
    extraType = "Keepsake", codeName = code, name = entry.name, rarity = rarity,
    description = entry[rarity:lower()],
  }
end

local function plain(kind, code, entry)
  return {
    extraType = kind, codeName = code, name = entry.name, rarity = "Common",
    description = entry.description,
  }
end

local function with_effects(kind, code, rarity, entry, warn)
  rarity = items.rarity(rarity, boons.RARITIES, code, warn)
  return {
    extraType = kind, codeName = code, name = entry.name, rarity = rarity,
    description = entry.description,
    effects = boons.effects(entry, rarity:lower(), "common") or json.array {},
  }
end

-- An extra that is a boon; nil if it is none that belongs here.
local function boon_extra(code, rarity, entry, lists, warn)
  local god = entry.gods and entry.gods[1]
  if PLAIN[god] then return plain(PLAIN[god], code, entry) end
  -- A character that came with a patch of the game is as the later ones are: with effects.
  if WITH_EFFECTS[god] or god and lists.characters[god] then
    return with_effects(god, code, rarity, entry, warn)
  end
  return nil
end

--- Reads the string of extras. The keepsake comes first, the hex second; of several the last
-- counts.
---@param text string? nil if there are none
---@param mapping argus.Mapping
---@param lists argus.Lists
---@param warn argus.Warnings
---@return table list
function M.read(text, mapping, lists, warn)
  local result, others = json.array {}, {}
  if not text then return result end
  local the_keepsake, the_hex
  for rarity, name in items.pairs(text, "extraData", warn) do
    local code = items.bare(name, lists)
    local boon = mapping.boons[code]
    if mapping.keepsakes[code] then
      the_keepsake = keepsake(code, rarity, mapping.keepsakes[code], warn)
    elseif mapping.hexes[code] then
      the_hex = plain("Hex", code, mapping.hexes[code])
    else
      local extra = boon and boon_extra(code, rarity, boon, lists, warn)
      if extra then
        others[#others + 1] = extra
      elseif boon then
        warn:add("%s is no extra: skipped", name)
      else
        warn:add("the mapping has no %s in boons, hexes or keepsakes: skipped", name)
      end
    end
  end
  result[#result + 1] = the_keepsake
  result[#result + 1] = the_hex
  return table.move(others, 1, #others, #result + 1, result)
end

return M
