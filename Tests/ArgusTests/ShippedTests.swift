import Foundation
import Testing

/// What comes along, to the last name. A spec would run before each load, and be in the way of who adds a name after a patch.
@Suite("Argus: what comes along")
struct ShippedTests {
    private func sections() throws -> [String: [String: [String: Any]]] {
        let file = URL(fileURLWithPath: ArgusServer.repository + "/Scripts/argus/data/ui_mappings.json")
        return try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: [String: [String: Any]]])
    }

    @Test("the mapping is complete")
    func mapping() throws {
        let sections = try sections()
        #expect(sections.mapValues(\.count) == ["boons": 368, "weapons": 30, "familiars": 5, "keepsakes": 33, "hexes": 9, "vows": 17, "arcana": 25])
        let boons = try #require(sections["boons"])
        func gods(_ boon: [String: Any]) -> [String] { boon["gods"] as? [String] ?? [] }
        #expect(boons.values.count { gods($0) == ["Hammer"] } == 92)
        #expect(boons.values.count { $0["slot"] != nil } == 45)
        #expect(boons.values.count { gods($0).count == 2 } == 37)
        let fears = try #require(sections["vows"]?["BossDifficultyShrineUpgrade"]?["fears"] as? [Int])
        #expect(fears == [0, 2, 5, 8, 12])
        #expect(sections["arcana"]?.values.compactMap { $0["grasp"] as? Int }.reduce(0, +) == 56)
        // As docs/argus.md says.
        #expect(!boons.values.contains { $0["requirements"] != nil })
    }

    @Test("weapons, familiars, keepsakes and hexes are called what the game calls them", arguments: ["weapons", "familiars", "keepsakes", "hexes"])
    func callsThingsByTheirNames(_ section: String) throws {
        let wanted = (Self.names[section] ?? "").split(whereSeparator: { $0 == ";" || $0.isNewline }).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        let found = try sections()[section] ?? [:]
        #expect(Set(wanted) == Set(found.map { "\($0.key) = \($0.value["name"] as? String ?? "")" }))
    }

    /// What players read, by code name; as the game calls them.
    private static let names: [String: String] = [
        "weapons": """
            DummyWeaponStaff = Witch's Staff; BaseStaffAspect = Aspect of Melinoë; StaffClearCastAspect = Aspect of Circe;
            StaffSelfHitAspect = Aspect of Momus; StaffRaiseDeadAspect = Aspect of Anubis; DummyWeaponDagger = Sister Blades;
            DaggerBackstabAspect = Aspect of Melinoë; DaggerBlockAspect = Aspect of Artemis; DaggerHomingThrowAspect = Aspect of Pan;
            DaggerTripleAspect = Aspect of the Morrigan; DummyWeaponTorch = Umbral Flames; TorchSpecialDurationAspect = Aspect of Melinoë;
            TorchDetonateAspect = Aspect of Moros; TorchSprintRecallAspect = Aspect of Eos; TorchAutofireAspect = Aspect of Supay;
            DummyWeaponAxe = Moonstone Axe; AxeRecoveryAspect = Aspect of Melinoë; AxeArmCastAspect = Aspect of Charon;
            AxePerfectCriticalAspect = Aspect of Thanatos; AxeRallyAspect = Aspect of Nergal; DummyWeaponLob = Argent Skull;
            LobAmmoBoostAspect = Aspect of Melinoë; LobCloseAttackAspect = Aspect of Medea; LobImpulseAspect = Aspect of Persephone;
            LobGunAspect = Aspect of Hel; DummyWeaponSuit = Black Coat; BaseSuitAspect = Aspect of Melinoë; SuitHexAspect = Aspect of Selene;
            SuitMarkCritAspect = Aspect of Nyx; SuitComboAspect = Aspect of Shiva
            """,
        "familiars": """
            HealthFamiliar = Frinos; CritFamiliar = Raki; LastStandFamiliar = Toula; DigFamiliar = Hecuba; DodgeFamiliar = Gale
            """,
        "keepsakes": """
            ManaOverTimeRefundKeepsake = Silver Wheel; BossPreDamageKeepsake = Knuckle Bones; BossMetaUpgradeKeepsake = Crystal Figurine;
            DoorHealReserveKeepsake = Ghost Onion; ReincarnationKeepsake = Luckier Tooth; BlockDeathKeepsake = Engraved Pin;
            DeathVengeanceKeepsake = Evil Eye; BonusMoneyKeepsake = Gold Purse; LowHealthCritKeepsake = White Antler; SpellTalentKeepsake = Moon Beam;
            ArmorGainKeepsake = Silken Sash; TempHammerKeepsake = Experimental Hammer; FountainRarityKeepsake = Aromatic Phial;
            UnpickedBoonKeepsake = Concave Stone; SkipEncounterKeepsake = Fig Leaf; AthenaEncounterKeepsake = Gorgon Amulet;
            ForceZeusBoonKeepsake = Cloud Bangle; ForceHeraBoonKeepsake = Iridescent Fan; ForceAresBoonKeepsake = Sword Hilt;
            ForceApolloBoonKeepsake = Harmonic Photon; ForceDemeterBoonKeepsake = Barley Sheaf; ForceAphroditeBoonKeepsake = Beautiful Mirror;
            ForceHephaestusBoonKeepsake = Adamant Shard; ForceHestiaBoonKeepsake = Everlasting Ember; ForcePoseidonBoonKeepsake = Vivid Sea;
            DamagedDamageBoostKeepsake = Blackened Fleece; DecayingBoostKeepsake = Lion Fang; EscalatingKeepsake = Discordant Bell;
            TimedBuffKeepsake = Metallic Droplet; RandomBlessingKeepsake = Transcendent Embryo; RarifyKeepsake = Calling Card;
            HadesAndPersephoneKeepsake = Jeweled Pom; GoldifyKeepsake = Time Piece
            """,
        "hexes": """
            SpellLaserTrait = Lunar Ray; SpellSummonTrait = Night Bloom; SpellTimeSlowTrait = Phase Shift; SpellPotionTrait = Moon Water;
            SpellMeteorTrait = Total Eclipse; SpellLeapTrait = Wolf Howl; SpellPolymorphTrait = Twilight Curse; SpellTransformTrait = Dark Side;
            SpellMoonBeamTrait = Sky Fall
            """,
    ]
}
