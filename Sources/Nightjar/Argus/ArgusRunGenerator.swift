/// Makes up runs, for `nightjar argus send --generate`: a streamer sees the overlay full without playing. Names are some of the
/// game's; the shares are those of the generator that the published client has.
enum ArgusRunGenerator {
    private static let gods = ["Aphrodite", "Apollo", "Ares", "Demeter", "Hephaestus", "Hera", "Hestia", "Poseidon", "Zeus"]
    private static let slots = ["Weapon", "Special", "Cast", "Sprint", "Mana"]
    private static let otherBoons = [
        "RandomStatusBoon", "AresExCastBoon", "GoodStuffBoon", "LuckyBoon", "ElementalUnifiedBoon", "DoubleRewardBoon", "AmplifyConeBoon",
        "BoltRetaliateBoon", "CastAnywhereBoon", "HighHealthCritBoon", "DodgeChanceBoon", "MoneyMultiplierBoon", "DaggerBlinkAoETrait",
        "StaffLongAttackTrait", "AxeSturdyTrait", "TorchSpinAttackTrait",
    ]
    private static let boons = gods.flatMap { god in slots.map { god + $0 + "Boon" } } + otherBoons
    private static let weapons = [
        "BaseStaffAspect", "StaffClearCastAspect", "DaggerBackstabAspect", "DaggerBlockAspect", "TorchDetonateAspect", "TorchAutofireAspect",
        "AxeRecoveryAspect", "AxeRallyAspect", "LobAmmoBoostAspect", "LobGunAspect", "BaseSuitAspect", "SuitHexAspect",
    ]
    private static let familiars = [
        ("HealthFamiliar", "Frog"), ("CritFamiliar", "Raven"), ("LastStandFamiliar", "Cat"), ("DigFamiliar", "Hound"), ("DodgeFamiliar", "Polecat"),
    ]
    private static let keepsakes = [
        "ManaOverTimeRefundKeepsake", "BossPreDamageKeepsake", "ReincarnationKeepsake", "BonusMoneyKeepsake", "ForceZeusBoonKeepsake",
        "ForceHeraBoonKeepsake", "EscalatingKeepsake", "RarifyKeepsake",
    ]
    private static let vows = [
        ("EnemyDamageShrineUpgrade", 3), ("EnemyHealthShrineUpgrade", 3), ("EnemyShieldShrineUpgrade", 2), ("EnemySpeedShrineUpgrade", 2),
        ("EnemyCountShrineUpgrade", 3), ("NextBiomeEnemyShrineUpgrade", 2), ("EnemyRespawnShrineUpgrade", 2), ("EnemyEliteShrineUpgrade", 2),
        ("HealingReductionShrineUpgrade", 3), ("ShopPricesShrineUpgrade", 2), ("MinibossCountShrineUpgrade", 1), ("BoonSkipShrineUpgrade", 1),
        ("BiomeSpeedShrineUpgrade", 3), ("LimitGraspShrineUpgrade", 4), ("BoonManaReserveShrineUpgrade", 2), ("BanUnpickedBoonsShrineUpgrade", 1),
        ("BossDifficultyShrineUpgrade", 4),
    ]
    private static let arcana = [
        "ChannelSlowMetaUpgrade", "DoorHealMetaUpgrade", "LowManaDamageMetaupgrade", "CastDamageMetaUpgrade", "SorceryRegenMetaUpgrade",
        "InsideCastBuffMetaUpgrade", "HealthManaBonusMetaUpgrade", "DodgeBonusMetaUpgrade", "ManaOverTimeMetaUpgrade", "MagicCritMetaUpgrade",
        "SprintShieldMetaUpgrade", "LastStandSlowTimeMetaUpgrade", "ChamberHealthMetaUpgrade", "EffectVulnerabilityMetaUpgrade",
        "BossShieldMetaUpgrade", "DoorRerollMetaUpgrade", "StartingGoldMetaUpgrade", "MetaToRunMetaUpgrade", "RarityBoostMetaUpgrade",
        "DuoRarityBoostMetaUpgrade", "RerollTradeOffMetaUpgrade", "PanelRerollMetaUpgrade", "LowHealthBuffMetaUpgrade",
        "EpicRarityBoostMetaUpgrade", "BossProgressionMetaUpgrade",
    ]
    private static let rarities = ["Common", "Rare", "Epic", "Heroic"]
    private static let elements = ["Fire", "Water", "Earth", "Air", "Aether"]

    static func run(using random: inout some RandomNumberGenerator) -> ArgusRunData {
        func chance(_ percent: Int) -> Bool { Int.random(in: 1...100, using: &random) <= percent }
        func pick<Element>(_ list: [Element]) -> Element { list[Int.random(in: list.indices, using: &random)] }
        var run = ArgusRunData()
        if chance(80) { run.boons = (0..<Int.random(in: 1...20, using: &random)).map { _ in "\(pick(rarities));;\(pick(boons))" }.joined(separator: " ") }
        run.weapon = "\(pick(rarities));;\(pick(weapons))"
        if chance(80) {
            let (name, animal) = pick(familiars)
            run.familiar = "\(Int.random(in: 1...10, using: &random));;\(name) \(Int.random(in: 1...4, using: &random));;\(name) "
                + "\(Int.random(in: 1...4, using: &random));;Familiar\(animal)ResourceBonus"
        }
        run.extras = "\(pick(rarities));;\(pick(keepsakes))"
        run.elements = elements.map { "\($0):\(Int.random(in: 0...10, using: &random))" }.joined(separator: ";;")
        if chance(80) { run.pins = (0..<Int.random(in: 1...5, using: &random)).map { _ in pick(boons) }.joined(separator: ";;") }
        let vows = vows.filter { _ in chance(50) }.map { "\(Int.random(in: 1...$0.1, using: &random));;\($0.0)" }
        if !vows.isEmpty { run.vows = vows.joined(separator: " ") }
        let cards = arcana.filter { _ in chance(50) }.map { "\(Int.random(in: 1...4, using: &random));;\($0)" }
        if !cards.isEmpty { run.arcana = cards.joined(separator: " ") }
        return run
    }
}
