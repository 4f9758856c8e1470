-- A small mapping, made up: an entry for each shape that a file may have. Each call makes it anew.

local EFFECT = { text = "Damage:", common = "10", rare = "15", epic = "20", heroic = "25" }

local function boon(god, name, fields)
  local entry = { gods = god and { god }, name = name, description = name .. " text" }
  for field, value in pairs(fields or {}) do entry[field] = value end
  return entry
end

local function effects(...) return { effects = { ... } } end

return function()
  return {
    boons = {
      ZeusWeaponBoon = boon("Zeus", "Strike", { slot = "Weapon", effects = { EFFECT } }),
      HeraWeaponBoon = boon("Hera", "Rope", { slot = "Weapon" }),
      ZeusSpecialBoon = boon("Zeus", "Flourish", { slot = "Special" }),
      ZeusCastBoon = boon("Zeus", "Ring", { slot = "Cast" }),
      ZeusSprintBoon = boon("Zeus", "Rush", { slot = "Sprint" }),
      ZeusManaBoon = boon("Zeus", "Gain", { slot = "Mana" }),
      BoltBoon = boon("Zeus", "Bolt", effects({ text = "Chance:", common = 5 })),
      PactBoon = {
        gods = { "Zeus", "Hera" }, name = "Pact", description = "Two.", effects = { { text = "Bonus:", duo = "+8" } },
        requirements = {
          { type = "Zeus", items = { "ZeusWeaponBoon", "BoltBoon", "NoSuchBoon" } },
          { items = { "BoltBoon" } },
          { type = "Other", items = { "NewHammer" } },
        },
      },
      LegendBoon = boon("Zeus", "Legend", effects({ text = "A:", legendary = "1" })),
      InfusedBoon = boon("Zeus", "Infused", effects({ text = "A:", infusion = "2", legendary = "3" })),
      OldHammer = { name = "Old hammer", description = "One text." },
      NewHammer = { gods = { "Hammer" }, name = "New hammer", common = "Blunt.", legendary = "Sharp." },
      ChaosOddCurse = boon("Chaos", "Curse", { effects = { EFFECT } }),
      IcarusBoon = boon("Icarus", "Wing"), MedeaBoon = boon("Medea", "Brew"), CirceBoon = boon("Circe", "Spell"),
      HadesLifestealBoon = boon("Hades", "Leech", { effects = { EFFECT } }),
      AthenaBoon = boon("Athena", "Shield"),
    },
    weapons = {
      DaggerBlockAspect = {
        name = "Daggers", description = "Two.", image = "Dagger",
        effects = { { text = "Power:", common = "1", rare = "2", perfect = "6" } },
      },
      BaseStaffAspect = { name = "Staff", description = "Long." },
    },
    familiars = {
      LastStandFamiliar = {
        name = "Toula", description = "A cat.", effects = {
          { codeName = "LastStandFamiliar", text = "Life:", ["1"] = "10", ["2"] = "20", ["3"] = "30", ["4"] = "40" },
          { codeName = "FamiliarCatResourceBonus", text = "Fish:", ["1"] = "a", ["2"] = "b", ["3"] = "c", ["4"] = "d" },
        },
      },
    },
    keepsakes = {
      BonusMoneyKeepsake = { name = "Purse", common = "100", rare = "125", epic = "150", heroic = "200" },
      LateKeepsake = { name = "Late", common = "1" },
    },
    hexes = { SpellLaserTrait = { name = "Ray", description = "Bright.", effects = { { text = "A", value = "9" } } } },
    vows = {
      BossDifficultyShrineUpgrade = {
        name = "Rivals", descriptions = { "off", "one", "two" }, fears = { 0, 2, 5 },
      },
      BoonSkipShrineUpgrade = { name = "Forfeit", descriptions = { "off", "on" }, fears = { 0, 3 } },
    },
    arcana = {
      ChannelSlowMetaUpgrade = { name = "Sorceress", grasp = 1, descriptions = { "off", "1", "2", "3", "4" } },
      CastDamageMetaUpgrade = { name = "Eternity", grasp = 3, descriptions = { "off", "1", "2", "3", "4" } },
    },
  }
end
