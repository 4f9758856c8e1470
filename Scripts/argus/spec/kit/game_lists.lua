-- Lists as traits.lua has them, with a few names of each kind. Specs take these: traits.lua is edited while the server
-- runs, and no edit that is sound may be refused because a spec knows a name.

return function()
  return require("lists").check {
    slots = { weapon = "Aspect", familiar = "Familiar", extras = { "Keepsake", "Spell" } },
    chaos = { start = "Chaos", blessing = "Blessing", curse = "Curse" },
    state_suffixes = { "_Expired", "_Inactive", "_Complete" },
    gods = {
      Zeus = { "ZeusWeaponBoon", "ZeusManaBoon" }, Aphrodite = { "AphroditeSpecialBoon" },
      Hermes = { "LuckyBoon" },
    },
    characters = {
      Hades = { boons = { "HadesManaUrnBoon" }, extras = { "HadesLifestealBoon" } },
      Icarus = { boons = { "CastHazardBoon" }, extras = { "SupplyDropBoon" } },
      Athena = { boons = { "ManaSpearBoon" }, extras = {} },
    },
    always_common = { Arachne = { "ManaCostume" } },
    familiars = {
      HealthFamiliar = { shown = { "HealthFamiliar", "FamiliarFrogResourceBonus" }, damage = "FamiliarFrogDamage" },
      LastStandFamiliar = {
        shown = { "LastStandFamiliar", "FamiliarCatResourceBonus" }, damage = "FamiliarCatAttacks",
      },
      DodgeFamiliar = {
        shown = { "DodgeFamiliar", "FamiliarPolecatResourceBonus" }, damage = "FamiliarPolecatDamage",
      },
    },
    arcana = {
      { v2 = "ChannelSlowMetaUpgrade", v1 = "ChanneledCast" }, { v2 = "DoorHealMetaUpgrade", v1 = "HealthRegen" },
      { v2 = "CastDamageMetaUpgrade", v1 = "CastCount" }, { v2 = "MagicCritMetaUpgrade", v1 = "MagicCrit" },
      { v2 = "RerollTradeOffMetaUpgrade", v1 = "TradeOff" }, { v2 = "PanelRerollMetaUpgrade", v1 = "ScreenReroll" },
    },
    vows = {
      { name = "EnemyHealthShrineUpgrade", max = 3 }, { name = "EnemyCountShrineUpgrade", max = 3 },
      { name = "EnemyEliteShrineUpgrade", max = 2 }, { name = "BoonSkipShrineUpgrade", max = 1 },
      { name = "BossDifficultyShrineUpgrade", max = 4 },
    },
    ignored = { "NobodyNeedsTrait" }, hammers = { "StaffLongAttackTrait", "DaggerBlinkAoETrait" },
    weapons = { "BaseStaffAspect", "BaseSuitAspect", "DaggerBlockAspect" },
    keepsakes = { "BonusMoneyKeepsake" }, hexes = { "SpellLeapTrait", "SpellSummonTrait" },
  }
end
