-- Which rule takes a trait, and what explanations say.

local classify = require "classify"
local equal = require("lib.testing").equal
local lists = require("spec.kit.game_lists")()
local mapping = require "mapping"
local names = require "names"
local small = require "spec.kit.small_mapping"

local T = {}

-- Rule, target and item of a trait, alone on its hero.
local function class(trait, version, known)
  local result = classify.trait(trait, lists, classify.start(known, version))
  return { result.rule, result.number, result.target, result.item }
end

function T.every_rule_takes_its_traits()
  equal(class { Name = "BaseStaffAspect", Slot = "Aspect", Rarity = "Heroic" },
    { "weapon", 1, "weapon", "Heroic;;BaseStaffAspect" })
  equal(class { Name = "DodgeFamiliar", Slot = "Familiar" }, { "familiar", 2, "familiar", "DodgeFamiliar" })
  equal(class { Name = "OddKeepsake", Slot = "Keepsake", Rarity = "Epic" },
    { "extra slot", 3, "extras", "Epic;;OddKeepsake" })
  equal(class { Name = "SpellLeapTrait", Slot = "Spell" }, { "extra slot", 3, "extras", "Common;;SpellLeapTrait" })
  equal(class { Name = "ChaosNewCurse" }, { "Chaos curse", 3, "extras", "Common;;ChaosNewCurse" })
  equal(class { Name = "SupplyDropBoon", Rarity = "Rare" },
    { "extra of a character", 3, "extras", "Rare;;SupplyDropBoon" })
  equal(class { Name = "ManaCostume", Rarity = "Epic" }, { "always Common", 4, "boons", "Common;;ManaCostume" })
  equal(class { Name = "ZeusManaBoon", Rarity = "Epic" }, { "god", 5, "boons", "Epic;;ZeusManaBoon" })
  equal(class { Name = "ChaosNewBlessing", Rarity = "Rare" },
    { "Chaos blessing", 5, "boons", "Rare;;ChaosNewBlessing" })
  equal(class { Name = "ManaSpearBoon", Rarity = "Rare" }, { "boon of a character", 5, "boons", "Rare;;ManaSpearBoon" })
  equal(class { Name = "AnyTrait", IsHammerTrait = true, Rarity = "Legendary" },
    { "hammer", 5, "boons", "Legendary;;AnyTrait" })
  equal(class { Name = "MagicCritMetaUpgrade", Rarity = "Epic" }, { "arcana", 6, "arcana", "3;;MagicCritMetaUpgrade" })
  equal(class { Name = "SomethingElse" }, { "none" })
  for _, odd in ipairs { {}, { Name = 7 }, { Name = "two words" }, { Name = "a;;b" }, { Name = "" }, 7, "x", true } do
    equal(class(odd), { "nameless" })
  end
end

function T.a_card_has_the_level_of_its_rarity()
  for rarity, level in pairs { Common = 1, Rare = 2, Epic = 3, Heroic = 4, Odd = 1 } do
    equal(class({ Name = "MagicCritMetaUpgrade", Rarity = rarity })[4], level .. ";;MagicCritMetaUpgrade")
  end
  equal(class({ Name = "MagicCritMetaUpgrade" })[4], "1;;MagicCritMetaUpgrade")
end

function T.version_1_has_common_hammers_and_no_cards_among_the_traits()
  equal(class({ Name = "AnyTrait", IsHammerTrait = true, Rarity = "Legendary" }, "1"),
    { "hammer", 4, "boons", "Common;;AnyTrait" })
  equal(class({ Name = "MagicCritMetaUpgrade" }, "1"), { "none" })
end

function T.the_rarity_of_a_trait()
  equal(classify.rarity { Rarity = "Epic", IsElementalTrait = true }, "Infusion")
  equal(classify.rarity { Rarity = "Epic", IsElementalTrait = "yes" }, "Epic")
  equal(classify.rarity {}, "Common")
  equal(classify.rarity { Rarity = {} }, "Common")
  equal(classify.rarity { Rarity = "two words" }, "Common")
end

function T.a_second_weapon_or_familiar_falls_through()
  local found = classify.start()
  equal(classify.trait({ Name = "BaseStaffAspect", Slot = "Aspect" }, lists, found).rule, "weapon")
  equal(classify.trait({ Name = "BaseSuitAspect", Slot = "Aspect" }, lists, found).rule, "none")
  equal(classify.trait({ Name = "ZeusManaBoon", Slot = "Aspect" }, lists, found).rule, "god")
  equal(found.weapon, "BaseStaffAspect")
end

function T.only_a_plain_true_is_a_mark()
  equal(class { Name = "AnyTrait", IsHammerTrait = 1 }, { "none" })
end

function T.the_mapping_knows_boons_of_gods_first()
  local table = small()
  table.boons.PatchBoon = { gods = { "Zeus" }, name = "New", description = "New." }
  table.boons.ZeusManaBoon.gods = { "Nobody" }
  local known = assert(mapping.check(table))
  equal(class({ Name = "PatchBoon" }), { "none" })
  equal(class({ Name = "PatchBoon" }, "2", known), { "god", 5, "boons", "Common;;PatchBoon" })
  equal(class({ Name = "ZeusManaBoon" }, "2", known), { "none" })
  -- What the mapping has not is looked up in the lists.
  equal(class({ Name = "LuckyBoon" }, "2", known), { "god", 5, "boons", "Common;;LuckyBoon" })
end

function T.a_state_behind_the_name_changes_nothing_but_the_name()
  equal(class { Name = "HadesLifestealBoon_Inactive" },
    { "extra of a character", 3, "extras", "Common;;HadesLifestealBoon_Inactive" })
  equal(class { Name = "ZeusManaBoon_Expired" }, { "god", 5, "boons", "Common;;ZeusManaBoon_Expired" })
  -- What is nothing but a state stays a name.
  equal(names.without_state("_Expired", lists.state_suffixes), "_Expired")
end

function T.an_explanation_names_the_rule_and_why_the_others_did_not_take_the_trait()
  local told = classify.explain({ Name = "ZeusManaBoon", Rarity = "Epic", IsHammerTrait = true }, lists)
  equal({ told.rule, told.number, told.target, told.item }, { "god", 5, "boons", "Epic;;ZeusManaBoon" })
  equal(told.why, "it is a boon of Zeus, by the list gods of traits.lua")
  local why_not = {}
  for _, other in ipairs(told.others) do why_not[other.rule] = other.why_not end
  equal(#told.others, 10)
  equal(why_not.weapon, 'it has no Slot, not "Aspect"')
  equal(why_not["Chaos curse"], "the name does not start with Chaos and end with Curse")
  equal(why_not["extra of a character"], "the name is not in characters.NAME.extras of traits.lua")
  equal(why_not.hammer, "it would fit, but the first rule that fits takes the trait")
end

function T.a_place_is_a_rule_or_a_list_or_a_god_in_the_mapping()
  local function has(trait, known) return classify.has_place(trait, lists, known) end
  assert(has { Name = "ZeusWeaponBoon" } and has { Name = "FamiliarFrogDamage" })
  assert(has { Name = "NewSpell", Slot = "Spell" } and not has { Name = "NewBoon" } and not has {})
  assert(has({ Name = "NewBoon" }, { boons = { NewBoon = { gods = { "Zeus" } } } }))
end

function T.an_explanation_agrees_with_the_rules_for_every_name()
  for name in pairs(lists.place) do
    local told = classify.explain(name, lists)
    equal(told.rule, classify.explain({ Name = name, Slot = told.assumed and told.assumed:match "Slot = (%a+)",
      IsHammerTrait = told.assumed and told.assumed:find("Hammer", 1, true) ~= nil }, lists).rule, name)
    assert(told.why ~= "", name)
    assert(#told.others >= 10, name)
  end
end

function T.a_name_alone_is_taken_as_the_game_has_it()
  local told = classify.explain("StaffLongAttackTrait", lists)
  equal({ told.rule, told.assumed }, { "hammer", "taken as the game has it: IsHammerTrait = true" })
  told = classify.explain("LuckyBoon_Odd", lists)
  equal({ told.rule, told.assumed }, { "none" })
  equal(told.why, "no rule knows it; add the name to its list in traits.lua, its texts to the mapping")
  told = classify.explain("BonusMoneyKeepsake_Expired", lists)
  equal({ told.rule, told.assumed }, { "extra slot", "taken as the game has it: Slot = Keepsake" })
  equal(classify.explain("FamiliarFrogDamage", lists).why, "it counts for its familiar, HealthFamiliar")
  equal(classify.explain("two words", lists).rule, "nameless")
  equal(classify.explain(7, lists).rule, "nameless")
end

return T
