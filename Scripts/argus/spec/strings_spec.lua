-- From the game's raw tables to the eight strings.

local equal = require("lib.testing").equal
local lists = require("spec.kit.game_lists")()
local strings = require "strings"

local T = {}

local STAFF = { Name = "BaseStaffAspect", Rarity = "Heroic", Slot = "Aspect" }

-- A game state with these traits, and what else GameState has.
local function state(traits, game_state, elements)
  return { CurrentRun = { Hero = { Traits = traits, Elements = elements } }, GameState = game_state or {} }
end

local function build(...) return (assert(strings.build(state(...), lists, nil, "2"))) end

function T.the_example_of_the_protocol()
  equal(build {
    STAFF, { Name = "DaggerBlinkAoETrait", IsHammerTrait = true, Rarity = "Legendary" },
    { Name = "AphroditeSpecialBoon", Rarity = "Rare" }, { Name = "DodgeFamiliar", Slot = "Familiar", StackNum = 2 },
    { Name = "FamiliarPolecatResourceBonus", StackNum = 3 },
    { Name = "BonusMoneyKeepsake_Expired", Slot = "Keepsake", Rarity = "Heroic" },
    { Name = "SpellSummonTrait", Slot = "Spell" },
  }, {
    boonData = "Legendary;;DaggerBlinkAoETrait Rare;;AphroditeSpecialBoon",
    weaponData = "Heroic;;BaseStaffAspect",
    familiarData = "4;;DodgeFamiliar 2;;DodgeFamiliar 3;;FamiliarPolecatResourceBonus",
    extraData = "Heroic;;BonusMoneyKeepsake_Expired Common;;SpellSummonTrait",
    elementalData = "NOELEMENTS", pinData = "NOPINS", vowData = "NOVOWS", arcanaData = "NOARCANA",
  })
end

function T.a_weapon_alone_leaves_nothing_to_say()
  equal(build { STAFF }, {
    boonData = "NOBOONS", weaponData = "Heroic;;BaseStaffAspect", familiarData = "NOFAMILIARS", extraData = "NOEXTRAS",
    elementalData = "NOELEMENTS", pinData = "NOPINS", vowData = "NOVOWS", arcanaData = "NOARCANA",
  })
end

function T.without_a_weapon_nothing_is_sent()
  local run, reason = strings.build(state { { Name = "ZeusManaBoon" } }, lists)
  equal({ run == nil, reason }, { true, "no weapon trait" })
  run, reason = strings.build(state(nil), lists)
  equal({ run == nil, reason }, { true, "no traits: CurrentRun.Hero.Traits must be a list" })
  run, reason = strings.build(7, lists)
  equal({ run == nil, reason }, { true, "no game state" })
end

function T.a_familiars_level_counts_all_three_traits()
  local cat = { Name = "LastStandFamiliar", Slot = "Familiar", StackNum = 2 }
  local fish, claws = { Name = "FamiliarCatResourceBonus", StackNum = 3 }, { Name = "FamiliarCatAttacks", StackNum = 5 }
  equal(build({ STAFF, claws, fish, cat }).familiarData,
    "8;;LastStandFamiliar 2;;LastStandFamiliar 3;;FamiliarCatResourceBonus")
  equal(strings.build(state { STAFF, claws, fish, cat }, lists, nil, "1").familiarData,
    "LastStandFamiliar 2;;LastStandFamiliar 3;;FamiliarCatResourceBonus")
  -- JSON writers make 3.0 of a whole number.
  fish.StackNum = 3.0
  equal(build({ STAFF, fish, cat }).familiarData,
    "4;;LastStandFamiliar 2;;LastStandFamiliar 3;;FamiliarCatResourceBonus")
end

function T.a_familiar_without_both_traits_is_invalid()
  for _, traits in ipairs {
    { { Name = "LastStandFamiliar", Slot = "Familiar", StackNum = 2 } },
    { { Name = "LastStandFamiliar", Slot = "Familiar", StackNum = 2 }, { Name = "FamiliarCatResourceBonus" } },
    { { Name = "LastStandFamiliar", Slot = "Familiar" }, { Name = "FamiliarCatResourceBonus", StackNum = 1.5 } },
    { { Name = "LastStandFamiliar", Slot = "Familiar", StackNum = 2 },
      { Name = "FamiliarCatResourceBonus", StackNum = "3" } },
    { { Name = "NewFamiliar", Slot = "Familiar", StackNum = 2 } },
  } do
    table.insert(traits, 1, STAFF)
    for _, version in ipairs { "1", "2" } do
      local run, reason = strings.build(state(traits), lists, nil, version)
      assert(run == nil and reason:find("^INVALID familiar: "), reason)
    end
  end
end

function T.elements_have_one_order_and_whole_numbers()
  equal(build({ STAFF }, {}, { Earth = 8.0, Fire = 5, Water = 3, Aether = 3 }).elementalData,
    "Fire:5;;Air:0;;Earth:8;;Water:3;;Aether:3")
  equal(build({ STAFF }, {}, {}).elementalData, "Fire:0;;Air:0;;Earth:0;;Water:0;;Aether:0")
  local run, _, warnings = strings.build(state({ STAFF }, {}, { Fire = 0 / 0, Air = "2" }), lists)
  equal(run.elementalData, "Fire:0;;Air:0;;Earth:0;;Water:0;;Aether:0")
  equal(#warnings, 2)
end

function T.pins_are_names_without_a_last_separator()
  equal(build({ STAFF }, { StoreItemPins = { { Name = "ABoon" }, { Other = 1 }, 7, { Name = "BBoon" } } }).pinData,
    "ABoon;;BBoon")
  equal(build({ STAFF }, { StoreItemPins = {} }).pinData, "NOPINS")
end

function T.vows_are_those_with_a_level()
  local vows = {
    EnemyHealthShrineUpgrade = 2.0, BossDifficultyShrineUpgrade = 4, BoonSkipShrineUpgrade = 0, VowOfSpec = 1,
    ["two words"] = 1, EnemyEliteShrineUpgrade = -1, EnemyCountShrineUpgrade = "3",
  }
  equal(build({ STAFF }, { ShrineUpgrades = vows }).vowData,
    "2;;EnemyHealthShrineUpgrade 4;;BossDifficultyShrineUpgrade 1;;VowOfSpec")
  equal(build({ STAFF }, { ShrineUpgrades = { BoonSkipShrineUpgrade = 0 } }).vowData, "NOVOWS")
end

function T.cards_come_from_traits_or_in_version_1_from_a_table_of_their_own()
  local traits = { STAFF, { Name = "MagicCritMetaUpgrade", Rarity = "Rare" } }
  local cards = {
    ScreenReroll = { Equipped = true, Level = 3.0 }, ChanneledCast = { Equipped = true, Level = 1 },
    CastCount = { Equipped = false, Level = 2 }, HealthRegen = { Equipped = true }, TradeOff = 7,
  }
  local raw = state(traits, { MetaUpgradeState = cards })
  equal(strings.build(raw, lists, nil, "2").arcanaData, "2;;MagicCritMetaUpgrade")
  equal(strings.build(raw, lists, nil, "1").arcanaData, "1;;ChanneledCast 3;;ScreenReroll")
end

function T.the_tables_may_stand_side_by_side()
  local flat = {
    Traits = { STAFF }, Elements = { Fire = 1 }, StoreItemPins = { { Name = "ABoon" } }, ShrineUpgrades = { AVow = 1 },
  }
  local run = assert(strings.build(flat, lists))
  equal({ run.weaponData, run.elementalData, run.pinData, run.vowData },
    { "Heroic;;BaseStaffAspect", "Fire:1;;Air:0;;Earth:0;;Water:0;;Aether:0", "ABoon", "1;;AVow" })
end

function T.unknown_traits_are_told_once_each_with_what_rules_read_of_them()
  local _, _, warnings, unknown = strings.build(state {
    STAFF, { Name = "BrandNew", Rarity = "Epic", Slot = "Odd", StackNum = 2, Huge = { 1 } }, { Name = "BrandNew" },
    { Rarity = "Rare" }, { Name = "FamiliarFrogDamage" }, { Name = "BaseSuitAspect", Slot = "Aspect" },
  }, lists)
  equal(unknown, { { Name = "BrandNew", Rarity = "Epic", Slot = "Odd", StackNum = 2 } })
  equal(warnings, { "trait 4 has no Name that can be told: left out" })
end

return T
