-- From the eight strings to what viewers get.

local equal = require("lib.testing").equal
local json = require("nightjar").json
local lists = require("spec.kit.game_lists")()
local mapping = require "mapping"
local parse = require "parse"
local small = require "spec.kit.small_mapping"

local T = {}

local known = assert(mapping.check(small()))

-- One part of the output, for one string, and the warnings.
local function part(field, text)
  local run = {}
  for _, string in ipairs(parse.STRINGS) do run[string.name] = string.nothing end
  run[field] = text
  local output, warnings = parse.output(run, known, lists)
  return output[field], warnings, output
end

local function boon(code, rarity, more)
  local entry = known.boons[code]
  local result = {
    codeName = code, rarity = rarity, name = entry.name, boonType = "Boon", description = entry.description,
  }
  for key, value in pairs(more or {}) do result[key] = value end
  return result
end

function T.nothing_is_an_exact_text()
  local run = {}
  for _, string in ipairs(parse.STRINGS) do run[string.name] = string.nothing end
  local expected = '{"arcanaData":{},"boonData":{},"elementalData":[],"extraData":[],"familiarData":{},"pinData":[],'
    .. '"totalRunItems":"0","vowData":{},"weaponData":{}}'
  local output, warnings = parse.output(run, known, lists)
  equal(json.encode(output, { sort = true }), expected)
  equal(warnings, {})
  -- What is missing says nothing either.
  output, warnings = parse.output({}, known, lists)
  equal(json.encode(output, { sort = true }), expected)
  equal(#warnings, 8)
  equal(json.encode(parse.output(nil, known, lists), { sort = true }), expected)
end

function T.boons_go_into_their_slots_and_the_others_into_a_list()
  equal(part("boonData", "Epic;;ZeusWeaponBoon Rare;;BoltBoon Common;;ZeusSpecialBoon Common;;ZeusCastBoon "
    .. "Common;;ZeusSprintBoon Common;;ZeusManaBoon Duo;;PactBoon Duo;;PactBoon"), {
    totalBoons = 8,
    weaponBoon = boon("ZeusWeaponBoon", "Epic", { effects = { { text = "Damage:", value = "20" } } }),
    specialBoon = boon("ZeusSpecialBoon", "Common"), castBoon = boon("ZeusCastBoon", "Common"),
    sprintBoon = boon("ZeusSprintBoon", "Common"), manaBoon = boon("ZeusManaBoon", "Common"),
    otherBoons = {
      -- There is no column for this rarity, so there is no value.
      boon("BoltBoon", "Rare", { effects = { { text = "Chance:" } } }),
      boon("PactBoon", "Duo", { effects = { { text = "Bonus:", value = "+8" } } }),
      boon("PactBoon", "Duo", { effects = { { text = "Bonus:", value = "+8" } } }),
    },
  })
end

function T.a_later_boon_takes_the_slot_and_both_count()
  local boons, _, output = part("boonData", "Common;;ZeusWeaponBoon Rare;;HeraWeaponBoon")
  equal(boons, { totalBoons = 2, otherBoons = {}, weaponBoon = boon("HeraWeaponBoon", "Rare") })
  equal(output.totalRunItems, "2")
end

function T.odd_items_of_boons_are_skipped_with_a_warning()
  local boons, warnings = part("boonData", "BoltBoon  a;;b;;BoltBoon Common;;NoSuchBoon Common;;BoltBoon ")
  equal(boons.totalBoons, 1)
  equal(warnings, {
    "boonData has an empty item: skipped", "boonData has an empty item: skipped",
    "boonData has the item \"BoltBoon\", which has not two parts: skipped",
    "boonData has the item \"a;;b;;BoltBoon\", which has not two parts: skipped",
    "the mapping has no boon \"NoSuchBoon\": skipped",
  })
end

function T.an_unknown_rarity_counts_as_common()
  for _, rarity in ipairs { "Perfect", "rare", "", "Mythic" } do
    local boons, warnings = part("boonData", rarity .. ";;BoltBoon")
    equal(boons.otherBoons[1], boon("BoltBoon", "Common", { effects = { { text = "Chance:", value = 5 } } }))
    equal(#warnings, 1)
  end
  for _, rarity in ipairs { "Common", "Rare", "Epic", "Heroic", "Legendary", "Duo", "Infusion" } do
    local boons, warnings = part("boonData", rarity .. ";;BoltBoon")
    equal({ boons.otherBoons[1].rarity, #warnings }, { rarity, 0 })
  end
end

function T.a_state_behind_a_name_is_cut_off()
  for _, suffix in ipairs { "_Expired", "_Inactive", "_Complete", "_Inactive_Expired" } do
    equal(part("boonData", "Common;;BoltBoon" .. suffix).otherBoons[1].codeName, "BoltBoon")
    equal(part("extraData", "Common;;HadesLifestealBoon" .. suffix)[1].codeName, "HadesLifestealBoon")
  end
  equal(part("boonData", "Common;;_Expired").totalBoons, 0)
end

function T.hammers_have_a_text_for_each_rarity_or_a_plain_one()
  local boons = part("boonData", "Common;;OldHammer Legendary;;NewHammer Epic;;NewHammer")
  equal(boons.otherBoons, {
    { codeName = "OldHammer", rarity = "Common", name = "Old hammer", boonType = "Hammer", description = "One text." },
    { codeName = "NewHammer", rarity = "Legendary", name = "New hammer", boonType = "Hammer", description = "Sharp." },
    { codeName = "NewHammer", rarity = "Epic", name = "New hammer", boonType = "Hammer", description = "Blunt." },
  })
end

function T.a_weapon_is_its_whole_entry()
  local weapon, _, output = part("weaponData", "Perfect;;DaggerBlockAspect")
  equal(weapon, {
    name = "Daggers", description = "Two.", image = "Dagger", codeName = "DaggerBlockAspect", rarity = "Perfect",
    effects = { { text = "Power:", common = "1", rare = "2", perfect = "6", value = "6" } },
  })
  equal(output.totalRunItems, "1")
  equal(part("weaponData", "Odd;;BaseStaffAspect"),
    { name = "Staff", description = "Long.", codeName = "BaseStaffAspect", rarity = "Common" })
  -- What one run says about a weapon is not there for the next one.
  equal(part("weaponData", "Duo;;DaggerBlockAspect").effects[1].value, "1")
  equal(known.weapons.DaggerBlockAspect.effects[1].value, nil)
  equal(part("weaponData", "Epic;;DaggerBlockAspect").effects[1].value, nil)
  for _, odd in ipairs { "", "Common", "Common;;NoSuchAspect", "Common;;a;;b", "Rare;;BaseStaffAspect " } do
    local none, warnings = part("weaponData", odd)
    equal(json.encode(none), "{}", odd)
    equal(#warnings, 1, odd)
  end
end

function T.a_familiar_in_both_spellings()
  local function toula(rarity, first, second)
    return {
      codeName = "LastStandFamiliar", rarity = rarity, name = "Toula", description = "A cat.",
      effects = { { text = "Life:", value = first }, { text = "Fish:", value = second } },
    }
  end
  local tail = " 2;;LastStandFamiliar 3;;FamiliarCatResourceBonus"
  equal(part("familiarData", "LastStandFamiliar" .. tail), toula("Common", "20", "c"))
  equal(part("familiarData", "8;;LastStandFamiliar" .. tail), toula("8", "20", "c"))
  equal(part("familiarData", "8;;LastStandFamiliar 3;;FamiliarCatResourceBonus 2;;LastStandFamiliar"),
    toula("8", "20", "c"))
  equal(part("familiarData", "8;;LastStandFamiliar odd 9;;FamiliarCatResourceBonus"), toula("8"))
  equal(part("familiarData", "8;;LastStandFamiliar text;;LastStandFamiliar 1;;Other"), toula("8"))
  for _, odd in ipairs { "", "LastStandFamiliar", "8;;LastStandFamiliar 1;;a", "8;;NoFamiliar" .. tail,
    "8;;LastStandFamiliar" .. tail .. " 1;;x", "INVALID" } do
    equal(json.encode(part("familiarData", odd)), "{}", odd)
  end
end

function T.extras_by_kind()
  local function plain(kind, code, name)
    return { extraType = kind, codeName = code, name = name, description = name .. " text", rarity = "Common" }
  end
  equal(part("extraData", "Epic;;ChaosOddCurse Rare;;HadesLifestealBoon Common;;SpellLaserTrait "
    .. "Odd;;BonusMoneyKeepsake Epic;;IcarusBoon Epic;;MedeaBoon Epic;;CirceBoon Epic;;AthenaBoon"), {
    { extraType = "Keepsake", codeName = "BonusMoneyKeepsake", name = "Purse", description = "100", rarity = "Common" },
    { extraType = "Hex", codeName = "SpellLaserTrait", name = "Ray", description = "Bright.", rarity = "Common" },
    plain("Chaos Curse", "ChaosOddCurse", "Curse"),
    { extraType = "Hades", codeName = "HadesLifestealBoon", rarity = "Rare", name = "Leech", description = "Leech text",
      effects = { { text = "Damage:", value = "15" } } },
    plain("Icarus", "IcarusBoon", "Wing"), plain("Medea", "MedeaBoon", "Brew"), plain("Circe", "CirceBoon", "Spell"),
    { extraType = "Athena", codeName = "AthenaBoon", rarity = "Epic", name = "Shield", description = "Shield text",
      effects = {} },
  })
end

function T.one_keepsake_and_one_hex_the_last_of_each()
  local extras, _, output = part("extraData", "Rare;;BonusMoneyKeepsake Common;;SpellLaserTrait Heroic;;LateKeepsake")
  equal(extras, {
    { extraType = "Keepsake", codeName = "LateKeepsake", name = "Late", rarity = "Heroic" },
    { extraType = "Hex", codeName = "SpellLaserTrait", name = "Ray", description = "Bright.", rarity = "Common" },
  })
  equal(output.totalRunItems, "2")
end

function T.extras_with_an_odd_rarity_and_what_is_no_extra()
  equal(part("extraData", "Mythic;;HadesLifestealBoon")[1].rarity, "Common")
  -- A missing column falls back to the one that every entry has.
  equal(part("extraData", "Legendary;;HadesLifestealBoon")[1].effects, { { text = "Damage:", value = "10" } })
  local none, warnings = part("extraData", "Common;;OldHammer Common;;BoltBoon Common;;Nothing odd")
  equal(json.encode(none), "[]")
  equal(#warnings, 4)
end

function T.a_character_that_traits_lua_names_may_have_extras_whoever_it_is()
  local text = "Rare;;GiftOfNobody"
  local _, warnings = part("extraData", text)
  equal(warnings, { 'the mapping has no "GiftOfNobody" in boons, hexes or keepsakes: skipped' })
  known.boons.GiftOfNobody = { name = "Gift", gods = { "Nobody" }, description = "A gift." }
  _, warnings = part("extraData", text)
  equal(warnings, { '"GiftOfNobody" is no extra: skipped' })
  lists.characters.Nobody = { boons = {}, extras = { "GiftOfNobody" } }
  local extras = part("extraData", text)
  known.boons.GiftOfNobody, lists.characters.Nobody = nil, nil
  equal(json.encode(extras, { sort = true }), '[{"codeName":"GiftOfNobody","description":"A gift.",'
    .. '"effects":[],"extraType":"Nobody","name":"Gift","rarity":"Rare"}]')
end

function T.elements_are_five_in_one_order()
  equal(part("elementalData", "Fire:5;;Air:0;;Earth:8;;odd;;a:b:c;;Aether:3"), {
    { name = "Earth", value = "8" }, { name = "Water", value = "0" }, { name = "Air", value = "0" },
    { name = "Fire", value = "5" }, { name = "Aether", value = "3" },
  })
end

function T.pins_are_at_most_three_with_what_has_to_be_there()
  local run = { boonData = "Common;;BoltBoon_Inactive Odd;;ZeusWeaponBoon bad", pinData = "NotABoon;;PactBoon" }
  local output = parse.output(run, known, lists)
  local bolt = boon("BoltBoon", "Common", { effects = { { text = "Chance:", value = 5 } }, fulfilled = true })
  local strike = boon("ZeusWeaponBoon", "Common",
    { effects = { { text = "Damage:", value = "10" } }, fulfilled = true })
  equal(output.pinData, {
    { codeName = "PactBoon", rarity = "Duo", name = "Pact", description = "Two.",
      effects = { { text = "Bonus:", value = "+8" } },
      requirements = {
        { type = "Zeus", items = { strike, bolt } },
        { type = "Other", items = { { codeName = "NewHammer", rarity = "Common", name = "New hammer",
          boonType = "Hammer", description = "Blunt.", fulfilled = false } } },
      } },
  })
  local codes = {}
  for i, pin in ipairs(part("pinData", "LegendBoon;;InfusedBoon;;x;;HeraWeaponBoon;;BoltBoon")) do
    codes[i] = pin.codeName .. " " .. pin.rarity
  end
  equal(codes, { "LegendBoon Legendary", "InfusedBoon Infusion", "HeraWeaponBoon Common" })
end

function T.vows_and_their_fear()
  local vows, warnings = part("vowData", "2;;BossDifficultyShrineUpgrade 1;;BoonSkipShrineUpgrade "
    .. "2;;BoonSkipShrineUpgrade 1;;NoVow 01;;BoonSkipShrineUpgrade x")
  equal(vows, {
    totalFear = 8,
    vowList = {
      { codeName = "BossDifficultyShrineUpgrade", name = "Rivals", level = "2", description = "two" },
      { codeName = "BoonSkipShrineUpgrade", name = "Forfeit", level = "1", description = "on" },
    },
  })
  equal(#warnings, 4)
end

function T.cards_in_both_spellings_and_their_grasp()
  local cards, warnings = part("arcanaData", "3;;ChanneledCast 4;;CastDamageMetaUpgrade 0;;CastCount 5;;CastCount "
    .. "1;;NoCard -1;;CastCount")
  equal(cards, {
    totalGrasp = 7,
    arcanaList = {
      { codeName = "ChannelSlowMetaUpgrade", name = "Sorceress", rarity = "Epic", description = "3" },
      { codeName = "CastDamageMetaUpgrade", name = "Eternity", rarity = "Heroic", description = "4" },
      { codeName = "CastDamageMetaUpgrade", name = "Eternity", rarity = "None", description = "off" },
    },
  })
  equal(#warnings, 3)
  -- The mapping decides which spelling viewers get.
  local old = small()
  old.arcana = { CastCount = old.arcana.CastDamageMetaUpgrade }
  local output = parse.output({ arcanaData = "1;;CastDamageMetaUpgrade" }, assert(mapping.check(old)), lists)
  equal(output.arcanaData.arcanaList[1].codeName, "CastCount")
end

function T.the_total_counts_everything_that_a_run_has()
  local output = parse.output({
    boonData = "Common;;BoltBoon Common;;ZeusWeaponBoon", weaponData = "Common;;BaseStaffAspect",
    familiarData = "LastStandFamiliar 1;;LastStandFamiliar 1;;FamiliarCatResourceBonus",
    extraData = "Common;;BonusMoneyKeepsake Common;;ChaosOddCurse",
  }, known, lists)
  equal(output.totalRunItems, "6")
end

return T
