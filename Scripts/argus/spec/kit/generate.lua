-- Makes up runs, with the names of some lists. How likely each piece is, is what the original's generator has.

local RARITIES = { "Common", "Rare", "Epic", "Heroic" }
-- A card has so many levels.
local CARD_LEVELS = 4
local ELEMENTS = { "Fire", "Air", "Earth", "Water", "Aether" }

-- All boons that a run may have, sorted: tables have no order of their own, and the same random
-- numbers shall give the same run.
local function all_boons(lists)
  local boons = {}
  for _, list in pairs(lists.gods) do table.move(list, 1, #list, #boons + 1, boons) end
  for _, who in pairs(lists.characters) do
    table.move(who.boons, 1, #who.boons, #boons + 1, boons)
  end
  for _, list in pairs(lists.always_common) do table.move(list, 1, #list, #boons + 1, boons) end
  table.move(lists.hammers, 1, #lists.hammers, #boons + 1, boons)
  table.sort(boons)
  return boons
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- Makes up a run.
---@param lists argus.Lists
---@param integer fun(lowest: integer, highest: integer): integer `nightjar.random.integer`
---@param version? string protocol version, "1" or "2" (default): which spellings are used
---@return table<string, string> run_data
return function(lists, integer, version)
  local boons, familiars = all_boons(lists), sorted_keys(lists.familiars)
  local function pick(list) return list[integer(1, #list)] end
  local function chance(percent) return integer(1, 100) <= percent end

  -- `count` items, joined; `item` makes each.
  local function joined(separator, count, item)
    local made = {}
    for i = 1, count do made[i] = item() end
    return table.concat(made, separator)
  end

  local function rated(names) return pick(RARITIES) .. ";;" .. pick(names) end

  local function familiar()
    local name = pick(familiars)
    local shown = lists.familiars[name].shown
    local level = version == "1" and "" or integer(1, 10) .. ";;"
    local first, second = integer(1, 4) .. ";;" .. shown[1], integer(1, 4) .. ";;" .. shown[2]
    return level .. name .. " " .. first .. " " .. second
  end

  local function elements()
    local parts = {}
    for i, element in ipairs(ELEMENTS) do parts[i] = element .. ":" .. integer(0, 10) end
    return table.concat(parts, ";;")
  end

  -- Half of what there is, each with a level; `field` has the name.
  local function leveled(all, field, nothing)
    local items = {}
    for _, one in ipairs(all) do
      if chance(50) then
        items[#items + 1] = integer(1, one.max or CARD_LEVELS) .. ";;" .. one[field]
      end
    end
    return #items > 0 and table.concat(items, " ") or nothing
  end

  local function boon() return rated(boons) end

  local function pin() return pick(boons) end

  return {
    boonData = chance(80) and joined(" ", integer(1, 20), boon) or "NOBOONS",
    weaponData = rated(lists.weapons),
    familiarData = chance(80) and familiar() or "NOFAMILIARS",
    extraData = rated(lists.keepsakes),
    elementalData = elements(),
    pinData = chance(80) and joined(";;", integer(1, 5), pin) or "NOPINS",
    vowData = leveled(lists.vows, "name", "NOVOWS"),
    arcanaData = leveled(lists.arcana, version == "1" and "v1" or "v2", "NOARCANA"),
  }
end
