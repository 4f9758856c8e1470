--- Which rule takes a trait, and why the others do not. The rules are in rules.lua, the names they
-- look for in traits.lua.

local names = require "names"
local rules = require "rules"

local M = {}

---@class argus.Found what the traits before were
---@field version "1"|"2"
---@field mapping table? the mapping, which knows more gods' boons than traits.lua after a patch
---@field weapon string? the weapon's name
---@field familiar string? the familiar's name

---@class argus.Class
---@field rule string name of the rule; "none": no rule fits, "nameless": it has no code name
---@field number integer? of the rule
---@field target "weapon"|"familiar"|"extras"|"boons"|"arcana"|nil
---@field item string? as it stands in the string, `Rare;;ZeusWeaponBoon`
---@field name string? the trait's name

-- A card's level by the rarity of its trait; whatever else a trait says is level 1.
local CARD_LEVELS = { Common = 1, Rare = 2, Epic = 3, Heroic = 4 }

--- What the traits of one hero start with.
---@param mapping? table
---@param version? string "1" or "2"
---@return argus.Found
function M.start(mapping, version)
  return { mapping = mapping, version = version == "1" and "1" or "2" }
end

--- The rarity that the strings say.
---@param trait table
---@return string
function M.rarity(trait)
  if trait.IsElementalTrait == true then return "Infusion" end
  return names.code(trait.Rarity) or "Common"
end

-- The god a boon belongs to. The mapping is asked first: it is of today's patch.
local function god_of(bare, place, lists, mapping)
  local entry = mapping and mapping.boons[bare]
  local first = entry and entry.gods and entry.gods[1]
  if first then
    if lists.gods[first] then return first, "the mapping" end
    return nil
  end
  if place and place.group == "god" then return place.owner, "the list gods of traits.lua" end
  return nil
end

-- The trait with its fields checked; nil if it has no name that can be told.
local function facts_of(trait, lists, found)
  local name = type(trait) == "table" and names.code(trait.Name) or nil
  if not name then return nil end
  local bare = names.without_state(name, lists.state_suffixes)
  local place = lists.place[name] or lists.place[bare]
  local god, god_from = god_of(bare, place, lists, found.mapping)
  return {
    name = name, bare = bare, place = place, god = god, god_from = god_from, found = found,
    slot = names.code(trait.Slot), rarity = M.rarity(trait), hammer = trait.IsHammerTrait == true,
  }
end

local function item_of(rule, facts)
  if rule.target == "familiar" then return facts.name end
  if rule.target == "arcana" then return (CARD_LEVELS[facts.rarity] or 1) .. ";;" .. facts.name end
  return (rule.common and "Common" or facts.rarity) .. ";;" .. facts.name
end

--- Finds the rule for a trait, and remembers in `found` that there is a weapon or a familiar now.
---@param trait any
---@param lists argus.Lists
---@param found argus.Found
---@return argus.Class
function M.trait(trait, lists, found)
  local facts = facts_of(trait, lists, found)
  if not facts then return { rule = "nameless" } end
  local in_order = rules.by_version[found.version]
  for i = 1, #in_order do
    local rule = in_order[i]
    if rule.fits(facts, lists) then
      local target = rule.target
      if target == "weapon" or target == "familiar" then found[target] = facts.name end
      return {
        rule = rule.name, number = rule.number, target = target,
        item = item_of(rule, facts), name = facts.name,
      }
    end
  end
  return { rule = "none", name = facts.name }
end

--- Whether a trait that no rule takes is known all the same: it is shown nowhere on purpose.
---@param name string
---@param lists argus.Lists
---@return boolean
function M.is_known(name, lists)
  return (lists.place[name] or lists.place[names.without_state(name, lists.state_suffixes)]) ~= nil
end

--- Whether a rule takes a trait, or it is known to be shown nowhere.
---@param trait table
---@param lists argus.Lists
---@param mapping? table
---@return boolean
function M.has_place(trait, lists, mapping)
  local class = M.trait(trait, lists, M.start(mapping))
  return class.target ~= nil or (class.name ~= nil and M.is_known(class.name, lists))
end

-- What the game says about traits of these groups, for those who only know a name.
local ASSUMED = {
  weapon = { field = "Slot", slot = function(lists) return lists.slots.weapon end },
  familiar = { field = "Slot", slot = function(lists) return lists.slots.familiar end },
  keepsake = { field = "Slot", slot = function() return "Keepsake" end },
  hex = { field = "Slot", slot = function() return "Spell" end },
  hammer = { field = "IsHammerTrait" },
}

-- A trait with this name as the game would have it, and what was assumed for that.
local function trait_named(name, lists)
  local trait = { Name = name }
  local bare = names.code(name) and names.without_state(name, lists.state_suffixes)
  local place = bare and lists.place[bare]
  local assumed = place and ASSUMED[place.group]
  -- Only the first trait of a familiar has the slot.
  if not assumed or (place.group == "familiar" and place.owner ~= bare) then return trait, nil end
  trait[assumed.field] = assumed.slot and assumed.slot(lists) or assumed.slot == nil
  local value = tostring(trait[assumed.field])
  return trait, ("taken as the game has it: %s = %s"):format(assumed.field, value)
end

-- What a trait of these groups needs to be taken.
local NEEDS = {
  hammer = "a hammer is taken when the game marks it with IsHammerTrait",
  arcana = "in protocol version 1 cards come from GameState.MetaUpgradeState, not from traits",
}

-- A sentence for a trait that no rule takes.
local function why_none(facts)
  local place = facts.place
  if not place then
    return "no rule knows it; add the name to its list in traits.lua, its texts to the mapping"
  end
  if place.group == "ignored" then return "traits.lua lists it under ignored" end
  if place.group == "familiar" then return "it counts for its familiar, " .. place.owner end
  if place.group == "god" then
    local entry = facts.found.mapping.boons[facts.bare]
    local sentence = "the mapping has it as a boon of %s, which is no god of traits.lua"
    return sentence:format(entry.gods[1])
  end
  return NEEDS[place.group] or ("a %s is known by its Slot, and %s"):format(
    place.group, facts.slot and "this one has another" or "this trait has none")
end

---@class argus.Explanation
---@field rule string
---@field number integer?
---@field target string?
---@field item string?
---@field why string
---@field assumed string? what was assumed because only a name was given
---@field others {rule: string, number: integer, why_not: string}[] in the order of the rules

--- Tells for people which rule takes a trait, and why each of the others does not.
---@param trait_or_name any a trait as the game has it, or only its code name
---@param lists argus.Lists
---@param mapping? table
---@param version? string "1" or "2"
---@return argus.Explanation
function M.explain(trait_or_name, lists, mapping, version)
  local trait, assumed = trait_or_name, nil
  if type(trait) == "string" then trait, assumed = trait_named(trait, lists) end
  local class = M.trait(trait, lists, M.start(mapping, version))
  local found = M.start(mapping, version)
  local facts = facts_of(trait, lists, found)
  local explanation = {
    rule = class.rule, number = class.number, target = class.target, item = class.item,
    assumed = assumed, others = {},
  }
  if not facts then
    explanation.why = "a trait needs a Name: letters, digits and underscores"
    return explanation
  end
  local taken = false
  for _, rule in ipairs(rules.by_version[found.version]) do
    local fits = rule.fits(facts, lists)
    if fits and not taken then
      taken = true
      explanation.why = rule.why(facts, lists)
    else
      explanation.others[#explanation.others + 1] = {
        rule = rule.name, number = rule.number,
        why_not = fits and "it would fit, but the first rule that fits takes the trait"
          or rule.why_not(facts, lists),
      }
    end
  end
  explanation.why = explanation.why or why_none(facts)
  return explanation
end

return M
