/// The eight strings of a run, in the order in which the game writes them.
struct ArgusRunData: Equatable {
    var boons = "NOBOONS"
    var weapon = "NOWEAPONS"
    var familiar = "NOFAMILIARS"
    var extras = "NOEXTRAS"
    var elements = "NOELEMENTS"
    var pins = "NOPINS"
    var vows = "NOVOWS"
    var arcana = "NOARCANA"

    /// With what the log calls it and the server calls it.
    var fields: [(label: String, name: String, value: String)] {
        [
            ("Boon list", "boonData", boons), ("Weapon", "weaponData", weapon), ("Familiar", "familiarData", familiar),
            ("Extras", "extraData", extras), ("Elements", "elementalData", elements), ("Pins", "pinData", pins), ("Vows", "vowData", vows),
            ("Arcana", "arcanaData", arcana),
        ]
    }

    init() {}

    /// - Parameter lines: Exactly eight.
    init(lines: [String]) {
        (boons, weapon, familiar, extras) = (lines[0], lines[1], lines[2], lines[3])
        (elements, pins, vows, arcana) = (lines[4], lines[5], lines[6], lines[7])
    }

    // MARK: Built-in runs

    /// The names that `--test` takes: those of both earlier clients.
    static let prepared: [String: ArgusRunData] = [
        "nominal": nominal, "test1": nominal, "minimal": minimal, "test2": minimal, "pins": withPins, "doubleboon": withDoubleBoon,
    ]

    private static let nominal: ArgusRunData = {
        var run = ArgusRunData()
        run.boons =
            "Common;;ApolloManaBoon Rare;;AphroditeSpecialBoon Epic;;PoseidonWeaponBoon Heroic;;PoseidonCastBoon Common;;DaggerBlinkAoETrait "
            + "Duo;;PoseidonSplashSprintBoon Rare;;DoubleRewardBoon Legendary;;AmplifyConeBoon Infusion;;ElementalDodgeBoon"
        run.weapon = "Rare;;DaggerBlockAspect"
        run.familiar = "8;;LastStandFamiliar 2;;LastStandFamiliar 3;;FamiliarCatResourceBonus"
        run.extras = "Epic;;ForceZeusBoonKeepsake Common;;SpellSummonTrait"
        run.elements = "Fire:1;;Water:0;;Earth:3;;Air:0;;Aether:0"
        run.pins = "RandomStatusBoon;;AresExCastBoon;;GoodStuffBoon"
        run.vows = "4;;BossDifficultyShrineUpgrade 1;;MinibossCountShrineUpgrade 2;;NextBiomeEnemyShrineUpgrade 2;;BiomeSpeedShrineUpgrade"
        run.arcana =
            "3;;ScreenReroll 3;;StatusVulnerability 2;;ChanneledCast 3;;HealthRegen 3;;LowManaDamageBonus 1;;CastCount 3;;SorceryRegenUpgrade"
        return run
    }()

    private static let minimal: ArgusRunData = {
        var run = ArgusRunData()
        run.boons = "Common;;ApolloWeaponBoon"
        return run
    }()

    private static let withPins: ArgusRunData = {
        var run = nominal
        run.pins = "LuckyBoon;;ElementalUnifiedBoon;;GoodStuffBoon"
        return run
    }()

    private static let withDoubleBoon: ArgusRunData = {
        var run = nominal
        run.boons += " Duo;;PoseidonSplashSprintBoon"
        return run
    }()
}
