--- Which trait of the game belongs where. After a patch of the game this is the file to edit: save
-- it, and the server uses it from the next message on.
--
-- How to add a trait: /argus/unknown shows the traits that no rule knows, with what the game says
-- about them. Take the name, write it in quotation marks and with a comma into the list it belongs
-- to, save. A god's new boon needs no line here: its entry in the mapping, with the god, is enough
-- (under `gods` it is sorted without one, too); a new character gets a block of its own under
-- `characters`; what nobody needs to see goes to `ignored`. What viewers read of it is in the
-- mapping, of a character's boons and extras in `boons`: without an entry there, nothing is shown.
-- /argus/explain?trait=NAME tells which rule takes a trait and why the others do not.
--
-- A slip (a misspelt group, a name that is in two lists) is told when the file is loaded, and the
-- lists from before stay in use.

local lists = require "lists"

return lists.check {

  -- What the game writes into a trait's Slot. These are found by their slot, not by name.
  slots = {
    weapon = "Aspect",
    familiar = "Familiar",
    extras = { "Keepsake", "Spell" },
  },

  -- Chaos: a name that starts and ends so. Blessings go to the boons, curses to the extras.
  chaos = { start = "Chaos", blessing = "Blessing", curse = "Curse" },

  -- The game puts these behind the name of a trait whose effect is over or does not work right now.
  -- The trait itself is the name without it.
  state_suffixes = { "_Expired", "_Inactive", "_Complete" },

  -- Boons of the gods: shown among the boons.
  gods = {
    Aphrodite = {
      "AphroditeWeaponBoon", "AphroditeSpecialBoon", "AphroditeCastBoon", "AphroditeSprintBoon",
      "AphroditeManaBoon", "HighHealthOffenseBoon", "HealthRewardBonusBoon", "DoorHealToFullBoon",
      "WeakPotencyBoon", "WeakVulnerabilityBoon", "ManaBurstBoon", "FocusRawDamageBoon",
      "ElementalDodgeBoon", "RandomStatusBoon",
    },
    Apollo = {
      "ApolloWeaponBoon", "ApolloSpecialBoon", "ApolloCastBoon", "ApolloSprintBoon",
      "ApolloManaBoon", "ApolloRetaliateBoon", "PerfectDamageBonusBoon", "BlindChanceBoon",
      "ApolloBlindBoon", "ApolloExCastBoon", "ApolloCastAreaBoon", "DoubleStrikeChanceBoon",
      "ElementalRallyBoon", "DoubleExManaBoon", "DoubleExManaBoon_Torch", "ManaBurstCountBoon",
    },
    Ares = {
      "AresWeaponBoon", "AresSpecialBoon", "AresCastBoon", "AresSprintBoon", "AresManaBoon",
      "AresExCastBoon", "RendBloodDropBoon", "AresStatusDoubleDamageBoon", "BloodDropRevengeBoon",
      "MissingHealthCritBoon", "LowHealthLifestealBoon", "OmegaDelayedDamageBoon",
      "ElementalOlympianDamageBoon", "DoubleBloodDropBoon", "BloodManaBurstBoon",
      "DoubleSwordBoon", "SelfCastBoon", "AutoRevengeBoon", "BloodRetentionBoon",
      "RapidSwordBoon", "DoubleSplashBoon", "FireballRendBoon",
    },
    Demeter = {
      "DemeterWeaponBoon", "DemeterSpecialBoon", "DemeterCastBoon", "DemeterSprintBoon",
      "DemeterManaBoon", "CastNovaBoon", "PlantHealthBoon", "BoonGrowthBoon",
      "ReserveManaHitShieldBoon", "SlowExAttackBoon", "CastAttachBoon", "RootDurationBoon",
      "ElementalDamageCapBoon", "InstantRootKill", "MaxHealthDamageBoon", "StormSpawnBoon",
    },
    Hephaestus = {
      "HephaestusWeaponBoon", "HephaestusSpecialBoon", "HephaestusCastBoon",
      "HephaestusSprintBoon", "HephaestusManaBoon", "MassiveDamageBoon", "AntiArmorBoon",
      "HeavyArmorBoon", "ArmorBoon", "EncounterStartDefenseBuffBoon", "ManaToHealthBoon",
      "MassiveKnockupBoon", "ElementalDamageBoon", "WeaponUpgradeBoon", "SlamManaBurstBoon",
      "BlindClearBoon", "ClearRootBoon", "ManaShieldBoon", "ReboundingSparkBoon",
      "MassiveCastBoon", "DoubleMassiveAttackBoon",
    },
    Hera = {
      "HeraWeaponBoon", "HeraSpecialBoon", "HeraCastBoon", "HeraSprintBoon", "HeraManaBoon",
      "DamageShareRetaliateBoon", "LinkedDeathDamageBoon", "BoonDecayBoon",
      "DamageSharePotencyBoon", "SpawnCastDamageBoon", "CommonGlobalDamageBoon",
      "OmegaHeraProjectileBoon", "ElementalRarityUpgradeBoon", "AllElementalBoon",
      "CharmCrowdBoon", "RaiseDeadBoon", "KeepsakeLevelBoon", "SuperSacrificeBoonHera",
      "MoneyDamageBoon", "ManaRestoreDamageBoon",
    },
    Hestia = {
      "HestiaWeaponBoon", "HestiaSpecialBoon", "HestiaCastBoon", "HestiaSprintBoon",
      "HestiaManaBoon", "OmegaZeroBurnBoon", "CastProjectileBoon", "FireballManaSpecialBoon",
      "BurnExplodeBoon", "BurnArmorBoon", "BurnStackBoon", "AloneDamageBoon",
      "ElementalBaseDamageBoon", "BurnSprintBoon", "BurnRefreshBoon", "CoverRegenerationBoon",
      "BurnConsumeBoon", "EchoBurnBoon", "SteamBoon",
    },
    Poseidon = {
      "PoseidonWeaponBoon", "PoseidonSpecialBoon", "PoseidonCastBoon", "PoseidonSprintBoon",
      "PoseidonManaBoon", "EncounterStartOffenseBuffBoon", "RoomRewardBonusBoon",
      "FocusDamageShaveBoon", "DoubleRewardBoon", "PoseidonStatusBoon", "PoseidonExCastBoon",
      "OmegaPoseidonProjectileBoon", "ElementalHealthBoon", "AmplifyConeBoon", "AllCloseBoon",
      "PoseidonSplashSprintBoon", "GoodStuffBoon", "LightningVulnerabilityBoon",
    },
    Zeus = {
      "ZeusWeaponBoon", "ZeusSpecialBoon", "ZeusCastBoon", "ZeusSprintBoon", "ZeusManaBoon",
      "ZeusManaBoltBoon", "BoltRetaliateBoon", "CastAnywhereBoon", "FocusLightningBoon",
      "DoubleBoltBoon", "EchoExpirationBoon", "LightningDebuffGeneratorBoon",
      "ElementalDamageFloorBoon", "SpawnKillBoon", "SprintEchoBoon", "ApolloSecondStageCastBoon",
      "RootStrikeBoon", "SuperSacrificeBoonZeus",
    },
    Artemis = {
      "SupportingFireBoon", "CritBonusBoon", "TimedCritVulnerabilityBoon", "DashOmegaBuffBoon",
      "OmegaCastVolleyBoon", "InsideCastCritBoon", "HighHealthCritBoon", "FocusCritBoon",
      "SorceryCritBoon",
    },
    Dionysus = {
      "CastLobBoon", "HiddenMaxHealthBoon", "FirstHangoverBoon", "CombatEncounterHealBoon",
      "PowerDrinkBoon", "FogDamageBonusBoon", "BankBoon", "RandomBaseDamageBoon",
    },
    Hermes = {
      "HermesWeaponBoon", "HermesSpecialBoon", "HermesCastDiscountBoon", "SorcerySpeedBoon",
      "DodgeChanceBoon", "SlowProjectileBoon", "MoneyMultiplierBoon", "SprintShieldBoon",
      "TimedKillBuffBoon", "LuckyBoon", "RestockBoon", "ElementalUnifiedBoon",
      "TimeStopLastStandBoon",
    },
  },

  -- People met on the way: `boons` are shown among the boons, `extras` in the strip at the bottom.
  characters = {
    Hades = {
      boons = {
        "HadesDeathDefianceDamageBoon", "HadesCastProjectileBoon", "HadesChronosDebuffBoon",
        "HadesDashSweepBoon", "HadesManaUrnBoon",
      },
      extras = {
        "HadesLifestealBoon", "HadesPreDamageBoon", "HadesInvisibilityRetaliateBoon",
      },
    },
    Icarus = {
      boons = {
        "FocusAttackDamageTrait", "FocusSpecialDamageTrait", "OmegaExplodeBoon", "CastHazardBoon",
        "UpgradeHammerBoon",
      },
      extras = {
        "BreakInvincibleArmorBoon", "BreakExplosiveArmorBoon", "SupplyDropBoon",
      },
    },
    Medea = {
      boons = {
        "HealingOnDeathCurse", "MoneyOnDeathCurse", "ManaOverTimeCurse", "SpawnDamageCurse",
        "ArmorPenaltyCurse", "SlowProjectileCurse", "DeathDefianceRetaliateCurse",
      },
      extras = {
        "NewStatusDamage",
      },
    },
    Circe = {
      boons = {
        "CirceSorceryDamageBoon", "RandomArcanaTrait", "CirceShrinkTrait", "CirceEnlargeTrait",
        "HealAmplifyTrait", "DoubleFamiliarTrait", "RemoveShrineTrait", "ArcanaRarityTrait",
      },
      extras = {
        "ExPolymorphBoon",
      },
    },
    Athena = {
      boons = {
        "DeathDefianceRefillBoon", "FocusLastStandBoon", "ManaSpearBoon",
        "InvulnerabilityCastBoon", "InvulnerabilityDashBoon",
      },
      extras = {
        "RetaliateInvulnerabilityBoon", "AthenaProjectileBoon", "OlympianSpellCountBoon",
      },
    },
  },

  -- Shown among the boons, and always Common whatever the game says.
  always_common = {
    Arachne = {
      "VitalityCostume", "ManaCostume", "AgilityCostume", "CastDamageCostume", "IncomeCostume",
      "HighArmorCostume", "SpellCostume", "EscalatingCostume",
    },
  },

  -- Familiars: the two traits that are shown, and the third, which counts for the level only.
  familiars = {
    HealthFamiliar = {
      shown = { "HealthFamiliar", "FamiliarFrogResourceBonus" },
      damage = "FamiliarFrogDamage",
    },
    CritFamiliar = {
      shown = { "CritFamiliar", "FamiliarRavenResourceBonus" },
      damage = "FamiliarRavenAttackDuration",
    },
    LastStandFamiliar = {
      shown = { "LastStandFamiliar", "FamiliarCatResourceBonus" },
      damage = "FamiliarCatAttacks",
    },
    DigFamiliar = {
      shown = { "DigFamiliar", "FamiliarHoundResourceBonus" },
      damage = "FamiliarHoundBarkDuration",
    },
    DodgeFamiliar = {
      shown = { "DodgeFamiliar", "FamiliarPolecatResourceBonus" },
      damage = "FamiliarPolecatDamage",
    },
  },

  -- Cards, in the order in which viewers see them: the name of today, and the one that clients of
  -- protocol version 1 send.
  arcana = {
    { v2 = "ChannelSlowMetaUpgrade", v1 = "ChanneledCast" }, -- The Sorceress
    { v2 = "DoorHealMetaUpgrade", v1 = "HealthRegen" }, -- The Wayward Son
    { v2 = "LowManaDamageMetaupgrade", v1 = "LowManaDamageBonus" }, -- The Huntress
    { v2 = "CastDamageMetaUpgrade", v1 = "CastCount" }, -- Eternity
    { v2 = "SorceryRegenMetaUpgrade", v1 = "SorceryRegenUpgrade" }, -- The Moon
    { v2 = "InsideCastBuffMetaUpgrade", v1 = "CastBuff" }, -- The Furies
    { v2 = "HealthManaBonusMetaUpgrade", v1 = "BonusHealth" }, -- Persistence
    { v2 = "DodgeBonusMetaUpgrade", v1 = "BonusDodge" }, -- The Messenger
    { v2 = "ManaOverTimeMetaUpgrade", v1 = "ManaOverTime" }, -- The Unseen
    { v2 = "MagicCritMetaUpgrade", v1 = "MagicCrit" }, -- Night
    { v2 = "SprintShieldMetaUpgrade", v1 = "SprintShield" }, -- The Swift Runner
    { v2 = "LastStandSlowTimeMetaUpgrade", v1 = "LastStand" }, -- Death
    { v2 = "ChamberHealthMetaUpgrade", v1 = "MaxHealthPerRoom" }, -- The Centaur
    { v2 = "EffectVulnerabilityMetaUpgrade", v1 = "StatusVulnerability" }, -- Origination
    { v2 = "BossShieldMetaUpgrade", v1 = "ChanneledBlock" }, -- The Lovers
    { v2 = "DoorRerollMetaUpgrade", v1 = "DoorReroll" }, -- The Enchantress
    { v2 = "StartingGoldMetaUpgrade", v1 = "StartingGold" }, -- The Boatman
    { v2 = "MetaToRunMetaUpgrade", v1 = "MetaToRunUpgrade" }, -- The Artificer
    { v2 = "RarityBoostMetaUpgrade", v1 = "RarityBoost" }, -- Excellence
    { v2 = "DuoRarityBoostMetaUpgrade", v1 = "BonusRarity" }, -- The Queen
    { v2 = "RerollTradeOffMetaUpgrade", v1 = "TradeOff" }, -- The Fates
    { v2 = "PanelRerollMetaUpgrade", v1 = "ScreenReroll" }, -- The Champions
    { v2 = "LowHealthBuffMetaUpgrade", v1 = "LowHealthBonus" }, -- Strength
    { v2 = "EpicRarityBoostMetaUpgrade", v1 = "EpicRarityBoost" }, -- Divinity
    { v2 = "BossProgressionMetaUpgrade", v1 = "CardDraw" }, -- Judgment
  },

  -- Vows, in the order in which viewers see them, with their highest level.
  vows = {
    { name = "EnemyDamageShrineUpgrade", max = 3 }, -- Vow of Pain
    { name = "EnemyHealthShrineUpgrade", max = 3 }, -- Vow of Grit
    { name = "EnemyShieldShrineUpgrade", max = 2 }, -- Vow of Wards
    { name = "EnemySpeedShrineUpgrade", max = 2 }, -- Vow of Frenzy
    { name = "EnemyCountShrineUpgrade", max = 3 }, -- Vow of Hordes
    { name = "NextBiomeEnemyShrineUpgrade", max = 2 }, -- Vow of Menace
    { name = "EnemyRespawnShrineUpgrade", max = 2 }, -- Vow of Return
    { name = "EnemyEliteShrineUpgrade", max = 2 }, -- Vow of Fangs
    { name = "HealingReductionShrineUpgrade", max = 3 }, -- Vow of Scars
    { name = "ShopPricesShrineUpgrade", max = 2 }, -- Vow of Debt
    { name = "MinibossCountShrineUpgrade", max = 1 }, -- Vow of Shadow
    { name = "BoonSkipShrineUpgrade", max = 1 }, -- Vow of Forfeit
    { name = "BiomeSpeedShrineUpgrade", max = 3 }, -- Vow of Time
    { name = "LimitGraspShrineUpgrade", max = 4 }, -- Vow of Void
    { name = "BoonManaReserveShrineUpgrade", max = 2 }, -- Vow of Hubris
    { name = "BanUnpickedBoonsShrineUpgrade", max = 1 }, -- Vow of Denial
    { name = "BossDifficultyShrineUpgrade", max = 4 }, -- Vow of Rivals
  },

  -- Traits that a hero may carry and that are shown nowhere: they are not counted as unknown.
  -- The traits of familiars are known already.
  ignored = {
  },

  -- The lists below decide nothing: the game marks these itself (hammers with IsHammerTrait, the
  -- others by their slot). They are for explanations.

  hammers = {
    "StaffDoubleAttackTrait", "StaffLongAttackTrait", "StaffDashAttackTrait",
    "StaffTripleShotTrait", "StaffJumpSpecialTrait", "StaffExAoETrait",
    "StaffAttackRecoveryTrait", "StaffFastSpecialTrait", "StaffExHealTrait",
    "StaffSecondStageTrait", "StaffPowershotTrait", "StaffOneWayAttackTrait",
    "StaffRaiseDeadBigTrait", "StaffRaiseDeadDoubleTrait", "StaffLoneShadeRespawnTrait",
    "StaffLoneShadeRallyTrait", "DaggerBlinkAoETrait", "DaggerSpecialJumpTrait",
    "DaggerSpecialLineTrait", "DaggerRapidAttackTrait", "DaggerSpecialConsecutiveTrait",
    "DaggerBackstabTrait", "DaggerSpecialReturnTrait", "DaggerSpecialFanTrait",
    "DaggerAttackFinisherTrait", "DaggerFinalHitTrait", "DaggerChargeStageSkipTrait",
    "DaggerDashAttackTripleTrait", "DaggerTripleBuffTrait", "DaggerTripleRepeatWomboTrait",
    "DaggerTripleHomingSpecialTrait", "TorchExSpecialCountTrait", "TorchSpecialSpeedTrait",
    "TorchAttackSpeedTrait", "TorchSplitAttackTrait", "TorchEnhancedAttackTrait",
    "TorchDiscountExAttackTrait", "TorchLongevityTrait", "TorchOrbitPointTrait",
    "TorchSpinAttackTrait", "TorchAutofireSprintTrait", "TorchSpecialImpactTrait",
    "TorchMoveSpeedTrait", "TorchSpecialLineTrait", "AxeSturdyTrait", "AxeDashAttackTrait",
    "AxeMassiveThirdStrikeTrait", "AxeSpinSpeedTrait", "AxeSecondStageTrait",
    "AxeRallyFirstStrikeTrait", "AxeThirdStrikeTrait", "AxeRallyFrenzyTrait", "AxeArmorTrait",
    "AxeFreeSpinTrait", "AxeAttackRecoveryTrait", "AxeRangedWhirlwindTrait",
    "AxeBlockEmpowerTrait", "AxeChargedSpecialTrait", "LobAmmoTrait", "LobStraightShotTrait",
    "LobSturdySpecialTrait", "LobAmmoMagnetismTrait", "LobGunAttackRangeTrait",
    "LobGunAttackDoublerTrait", "LobGunBounceTrait", "LobGrowthTrait", "LobOneSideTrait",
    "LobRushArmorTrait", "LobPulseAmmoCollectTrait", "LobSpecialSpeedTrait",
    "LobGunSpecialBounceTrait", "LobInOutSpecialExTrait", "LobGunOverheatTrait",
    "LobPulseAmmoTrait", "LobSpreadShotTrait", "SuitComboDoubleSpecialTrait",
    "SuitPowershotTrait", "SuitSpecialBlockTrait", "SuitComboBlockBuffTrait",
    "SuitComboForwardRocketTrait", "SuitDashAttackTrait", "SuitSpecialStartUpTrait",
    "SuitSpecialAutoTrait", "SuitArmorTrait", "SuitComboDashAttackTrait", "SuitAttackSpeedTrait",
    "SuitAttackSizeTrait", "SuitSpecialConsecutiveHitTrait", "SuitSpecialJumpTrait",
    "SuitAttackRangeTrait", "SuitSpecialDiscountTrait", "SuitFullChargeTrait",
  },

  weapons = {
    "DummyWeaponStaff", "BaseStaffAspect", "StaffClearCastAspect", "StaffSelfHitAspect",
    "StaffRaiseDeadAspect", "DummyWeaponDagger", "DaggerBackstabAspect", "DaggerBlockAspect",
    "DaggerHomingThrowAspect", "DaggerTripleAspect", "DummyWeaponTorch",
    "TorchSpecialDurationAspect", "TorchDetonateAspect", "TorchSprintRecallAspect",
    "TorchAutofireAspect", "DummyWeaponAxe", "AxeRecoveryAspect", "AxeArmCastAspect",
    "AxePerfectCriticalAspect", "AxeRallyAspect", "DummyWeaponLob", "LobAmmoBoostAspect",
    "LobCloseAttackAspect", "LobImpulseAspect", "LobGunAspect", "DummyWeaponSuit",
    "BaseSuitAspect", "SuitHexAspect", "SuitMarkCritAspect", "SuitComboAspect",
  },

  keepsakes = {
    "ManaOverTimeRefundKeepsake", "BossPreDamageKeepsake", "BossMetaUpgradeKeepsake",
    "DoorHealReserveKeepsake", "ReincarnationKeepsake", "BlockDeathKeepsake",
    "DeathVengeanceKeepsake", "BonusMoneyKeepsake", "LowHealthCritKeepsake",
    "SpellTalentKeepsake", "ArmorGainKeepsake", "TempHammerKeepsake", "FountainRarityKeepsake",
    "UnpickedBoonKeepsake", "SkipEncounterKeepsake", "AthenaEncounterKeepsake",
    "ForceZeusBoonKeepsake", "ForceHeraBoonKeepsake", "ForceAresBoonKeepsake",
    "ForceApolloBoonKeepsake", "ForceDemeterBoonKeepsake", "ForceAphroditeBoonKeepsake",
    "ForceHephaestusBoonKeepsake", "ForceHestiaBoonKeepsake", "ForcePoseidonBoonKeepsake",
    "DamagedDamageBoostKeepsake", "DecayingBoostKeepsake", "EscalatingKeepsake",
    "TimedBuffKeepsake", "RandomBlessingKeepsake", "RarifyKeepsake", "HadesAndPersephoneKeepsake",
    "GoldifyKeepsake",
  },

  hexes = {
    "SpellLaserTrait", "SpellSummonTrait", "SpellTimeSlowTrait", "SpellPotionTrait",
    "SpellMeteorTrait", "SpellLeapTrait", "SpellPolymorphTrait", "SpellTransformTrait",
    "SpellMoonBeamTrait",
  },
}
