import Foundation
import Testing

/// What comes along, to the last name. A spec would run before each load, and be in the way of who adds a name after a patch.
@Suite("Argus: what comes along")
struct ShippedTests {
    @Test("the mapping is complete")
    func mapping() throws {
        let file = URL(fileURLWithPath: ArgusServer.repository + "/Scripts/argus/data/ui_mappings.json")
        let sections = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: [String: [String: Any]]])
        #expect(sections.mapValues(\.count) == ["boons": 368, "weapons": 30, "familiars": 5, "keepsakes": 33, "hexes": 9, "vows": 17, "arcana": 25])
        let boons = try #require(sections["boons"])
        func gods(_ boon: [String: Any]) -> [String] { boon["gods"] as? [String] ?? [] }
        #expect(boons.values.count { gods($0) == ["Hammer"] } == 92)
        #expect(boons.values.count { $0["slot"] != nil } == 45)
        #expect(boons.values.count { gods($0).count == 2 } == 37)
        let fears = try #require(sections["vows"]?["BossDifficultyShrineUpgrade"]?["fears"] as? [Int])
        #expect(fears == [0, 2, 5, 8, 12])
        #expect(sections["arcana"]?.values.compactMap { $0["grasp"] as? Int }.reduce(0, +) == 56)
    }
}
