// Where vows and cards stand. The game shows them in this order, and so do we. Names and highest levels are those of the mapping
// in use; what stands here serves until it has been loaded. A card or vow that a patch of the game brings comes at the end, by itself.

/** Code name, name, highest level. */
export const VOWS = [
  ["EnemyDamageShrineUpgrade", "Vow of Pain", 3],
  ["EnemyHealthShrineUpgrade", "Vow of Grit", 3],
  ["EnemyShieldShrineUpgrade", "Vow of Wards", 2],
  ["EnemySpeedShrineUpgrade", "Vow of Frenzy", 2],
  ["EnemyCountShrineUpgrade", "Vow of Hordes", 3],
  ["NextBiomeEnemyShrineUpgrade", "Vow of Menace", 2],
  ["EnemyRespawnShrineUpgrade", "Vow of Return", 2],
  ["EnemyEliteShrineUpgrade", "Vow of Fangs", 2],
  ["HealingReductionShrineUpgrade", "Vow of Scars", 3],
  ["ShopPricesShrineUpgrade", "Vow of Debt", 2],
  ["MinibossCountShrineUpgrade", "Vow of Shadow", 1],
  ["BoonSkipShrineUpgrade", "Vow of Forfeit", 1],
  ["BiomeSpeedShrineUpgrade", "Vow of Time", 3],
  ["LimitGraspShrineUpgrade", "Vow of Void", 4],
  ["BoonManaReserveShrineUpgrade", "Vow of Hubris", 2],
  ["BanUnpickedBoonsShrineUpgrade", "Vow of Denial", 1],
  ["BossDifficultyShrineUpgrade", "Vow of Rivals", 4],
];

/** Code name of today, code name of the first protocol version, name. */
export const ARCANA = [
  ["ChannelSlowMetaUpgrade", "ChanneledCast", "The Sorceress"],
  ["DoorHealMetaUpgrade", "HealthRegen", "The Wayward Son"],
  ["LowManaDamageMetaupgrade", "LowManaDamageBonus", "The Huntress"],
  ["CastDamageMetaUpgrade", "CastCount", "Eternity"],
  ["SorceryRegenMetaUpgrade", "SorceryRegenUpgrade", "The Moon"],
  ["InsideCastBuffMetaUpgrade", "CastBuff", "The Furies"],
  ["HealthManaBonusMetaUpgrade", "BonusHealth", "Persistence"],
  ["DodgeBonusMetaUpgrade", "BonusDodge", "The Messenger"],
  ["ManaOverTimeMetaUpgrade", "ManaOverTime", "The Unseen"],
  ["MagicCritMetaUpgrade", "MagicCrit", "Night"],
  ["SprintShieldMetaUpgrade", "SprintShield", "The Swift Runner"],
  ["LastStandSlowTimeMetaUpgrade", "LastStand", "Death"],
  ["ChamberHealthMetaUpgrade", "MaxHealthPerRoom", "The Centaur"],
  ["EffectVulnerabilityMetaUpgrade", "StatusVulnerability", "Origination"],
  ["BossShieldMetaUpgrade", "ChanneledBlock", "The Lovers"],
  ["DoorRerollMetaUpgrade", "DoorReroll", "The Enchantress"],
  ["StartingGoldMetaUpgrade", "StartingGold", "The Boatman"],
  ["MetaToRunMetaUpgrade", "MetaToRunUpgrade", "The Artificer"],
  ["RarityBoostMetaUpgrade", "RarityBoost", "Excellence"],
  ["DuoRarityBoostMetaUpgrade", "BonusRarity", "The Queen"],
  ["RerollTradeOffMetaUpgrade", "TradeOff", "The Fates"],
  ["PanelRerollMetaUpgrade", "ScreenReroll", "The Champions"],
  ["LowHealthBuffMetaUpgrade", "LowHealthBonus", "Strength"],
  ["EpicRarityBoostMetaUpgrade", "EpicRarityBoost", "Divinity"],
  ["BossProgressionMetaUpgrade", "CardDraw", "Judgment"],
];

/** Field of the run's boons, word for it, picture of the empty slot. */
export const SLOTS = [
  ["weaponBoon", "Attack", "attack"],
  ["specialBoon", "Special", "special"],
  ["castBoon", "Cast", "cast"],
  ["sprintBoon", "Sprint", "sprint"],
  ["manaBoon", "Magick", "magick"],
];

export const ELEMENTS = ["Earth", "Water", "Air", "Fire", "Aether"];
