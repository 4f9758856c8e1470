--- The rules that sort a hero's traits, in their order: the first one that fits a trait takes it.
-- Each rule is a table:
--
--     name      how explanations call it
--     number    its place in the protocol's description
--     target    where the trait goes: "weapon", "familiar", "extras", "boons" or "arcana"
--     fits      whether it takes a trait
--     why       a sentence for people: why it fits
--     why_not   a sentence for people: why it does not
--
-- What a rule looks at is a `argus.Facts`: the trait with its fields checked.

local M = {}

---@class argus.Facts
---@field name string the trait's code name as it came
---@field bare string the name without what marks its state, `_Expired` and the like
---@field slot string? the game's Slot
---@field rarity string
---@field hammer boolean the game's IsHammerTrait
---@field place {group: string, owner: string?}? where traits.lua has the name
---@field god string? the god it belongs to
---@field god_from string? where that is known from
---@field found argus.Found what earlier traits were

---@class argus.Rule
---@field name string
---@field number integer
---@field target string
---@field common? boolean always Common, whatever the game says
---@field fits fun(facts: argus.Facts, lists: argus.Lists): boolean
---@field why fun(facts: argus.Facts, lists: argus.Lists): string
---@field why_not fun(facts: argus.Facts, lists: argus.Lists): string

local function slot_text(facts)
  return facts.slot and ("its Slot is \"%s\""):format(facts.slot) or "it has no Slot"
end

local function in_group(facts, group) return facts.place ~= nil and facts.place.group == group end

local function starts(text, start) return text:sub(1, #start) == start end

local function ends(text, tail) return #text >= #tail and text:sub(-#tail) == tail end

-- A rule for a slot that only one trait can have.
local function slot_rule(name, number, slot_of)
  return {
    name = name, number = number, target = name,
    fits = function(facts, lists) return facts.slot == slot_of(lists) and not facts.found[name] end,
    why = function(facts) return slot_text(facts) .. ", and there is no " .. name .. " yet" end,
    why_not = function(facts, lists)
      local slot = slot_of(lists)
      if facts.slot ~= slot then return ("%s, not \"%s\""):format(slot_text(facts), slot) end
      return ("there is a %s already, %s"):format(name, facts.found[name])
    end,
  }
end

-- A rule for names that stand in a group of traits.lua.
local function list_rule(name, number, target, group, where)
  return {
    name = name, number = number, target = target,
    fits = function(facts) return in_group(facts, group) end,
    why = function(facts)
      return ("the name is in %s of traits.lua"):format(where:format(facts.place.owner))
    end,
    why_not = function()
      return ("the name is not in %s of traits.lua"):format(where:format("NAME"))
    end,
  }
end

local function chaos_text(lists, which, sentence)
  return sentence:format(lists.chaos.start, lists.chaos[which])
end

-- A rule for names of Chaos, which are known by how they start and end.
local function chaos_rule(name, number, target, which)
  return {
    name = name, number = number, target = target,
    fits = function(facts, lists)
      return starts(facts.bare, lists.chaos.start) and ends(facts.bare, lists.chaos[which])
    end,
    why = function(_, lists)
      return chaos_text(lists, which, "the name starts with %s and ends with %s")
    end,
    why_not = function(_, lists)
      return chaos_text(lists, which, "the name does not start with %s and end with %s")
    end,
  }
end

local weapon = slot_rule("weapon", 1, function(lists) return lists.slots.weapon end)
local familiar = slot_rule("familiar", 2, function(lists) return lists.slots.familiar end)

local extra_slot = {
  name = "extra slot", number = 3, target = "extras",
  fits = function(facts, lists) return lists.extra_slots[facts.slot] == true end,
  why = slot_text,
  why_not = function(facts, lists)
    return slot_text(facts) .. ", none of " .. table.concat(lists.slots.extras, ", ")
  end,
}

local chaos_curse = chaos_rule("Chaos curse", 3, "extras", "curse")
local extra = list_rule(
  "extra of a character", 3, "extras", "character_extra", "characters.%s.extras")

local always_common = list_rule(
  "always Common", 4, "boons", "always_common", "always_common.%s")
always_common.common = true

local god = {
  name = "god", number = 5, target = "boons",
  fits = function(facts) return facts.god ~= nil end,
  why = function(facts) return ("it is a boon of %s, by %s"):format(facts.god, facts.god_from) end,
  why_not = function() return "neither the mapping nor traits.lua has it as a boon of a god" end,
}

local chaos_blessing = chaos_rule("Chaos blessing", 5, "boons", "blessing")
local character = list_rule(
  "boon of a character", 5, "boons", "character", "characters.%s.boons")

local function hammer_rule(number, common)
  return {
    name = "hammer", number = number, target = "boons", common = common,
    fits = function(facts) return facts.hammer end,
    why = function() return "the game marks it as a hammer, IsHammerTrait" end,
    why_not = function() return "the game does not mark it as a hammer, IsHammerTrait" end,
  }
end

local arcana = list_rule("arcana", 6, "arcana", "arcana", "arcana")

-- Protocol version 1 has hammers that are always Common, and cards from another table of the game.
---@type table<string, argus.Rule[]>
M.by_version = {
  ["1"] = {
    weapon, familiar, extra_slot, chaos_curse, extra, always_common, hammer_rule(4, true),
    god, chaos_blessing, character,
  },
  ["2"] = {
    weapon, familiar, extra_slot, chaos_curse, extra, always_common,
    god, chaos_blessing, character, hammer_rule(5, false), arcana,
  },
}

return M
