import Foundation
import NightjarTesting
import Store
import Testing

@Suite("Argus: edits and restarts", .timeLimit(.minutes(5)))
struct KeepingTests {
    private static let lists = "Scripts/argus/traits.lua"
    private static let mapping = "Scripts/argus/data/ui_mappings.json"

    private func state(_ token: String, _ name: String) -> String {
        #"{"argusToken":"\#(token)","gameState":{"CurrentRun":{"Hero":{"Traits":[{"Name":"DaggerBlockAspect","Rarity":"Rare","Slot":"Aspect"},{"Name":"\#(name)","Rarity":"Epic"}]}},"GameState":{}}}"#
    }

    private func explained(_ server: ArgusServer, _ name: String) async throws -> [String: Any] {
        let text = try await server.get("/argus/explain?trait=\(name)").text
        return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    private func unknown(_ server: ArgusServer) async throws -> [String] {
        let text = try await server.get("/argus/unknown", headers: [("accept", "application/json")]).text
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return (object?["unknown"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
    }

    @Test("a trait of a patch: unknown, then in the lists, then in the mapping, while the server runs; a slip changes nothing and is told with its place")
    func followsAPatch() async throws {
        var options = ArgusServer.Options()
        options.debug = true
        try await withArgus(options) { server async throws in
            let token = try await server.login("4711")
            func send() async throws -> String { ArgusServer.words(try await server.post("/run_info", state(token, "PatchDayBoon"))) }
            func shown() async throws -> Bool { try await server.runData(server.ticket(channel: "4711")).text.contains("PatchDayBoon") }
            #expect(try await send() == "ok")
            #expect(try await unknown(server) == ["PatchDayBoon"])
            #expect(try await explained(server, "PatchDayBoon")["rule"] as? String == "none")
            // Into a list: the same message is classified anew, and the trait is no news any more.
            let before = try server.base.folder.read(Self.lists)
            func listed(_ text: String) -> String { text.replacingOccurrences(of: "\"UpgradeHammerBoon\",", with: "\"UpgradeHammerBoon\", \"PatchDayBoon\",") }
            #expect(try await server.base.save(Self.lists, listed(before), andWaitFor: "package argus") == "package argus: loaded")
            let known = try await explained(server, "PatchDayBoon")
            #expect(known["rule"] as? String == "boon of a character" && known["target"] as? String == "boons" && (known["why"] as? String)?.contains("Icarus") == true, "\(known)")
            #expect(try await unknown(server) == [])
            #expect(try await send() == "ok")
            #expect(try await unknown(server) == [])
            #expect(try await !shown())
            // Into the mapping: now it has words to be shown with.
            let words = #""boons": {"PatchDayBoon": {"gods": ["Icarus"], "name": "Patch Day", "description": "New."},"#
            let map = try server.base.folder.read(Self.mapping)
            let head = try #require(map.range(of: #""boons"\s*:\s*\{"#, options: .regularExpression))
            #expect(try await server.base.save(Self.mapping, map.replacingCharacters(in: head, with: words), andWaitFor: "package argus") == "package argus: loaded")
            #expect(try await server.runData(server.ticket(channel: "4711")).text.contains(#""name":"Patch Day""#))
            // A slip.
            let twice = listed(before).replacingOccurrences(of: "\"MoneyOnDeathCurse\",", with: "\"MoneyOnDeathCurse\", \"PatchDayBoon\",")
            let said = try await server.base.save(Self.lists, twice, andWaitFor: "package argus")
            #expect(said.contains("traits.lua") && said.contains("\"PatchDayBoon\"") && said.contains("characters.Icarus.boons") && said.contains("characters.Medea.boons"), "\(said)")
            #expect(try await explained(server, "PatchDayBoon")["target"] as? String == "boons")
            #expect(try await send() == "ok")
            #expect(try await shown())
            // Another one, for the language.
            let line = before.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(try await server.base.save(Self.lists, before + "nonsense\n", andWaitFor: "package argus").hasPrefix("package argus: \(Self.lists):\(line): "))
            // Both are told once, by their lines in the file and not by the calls that have found them.
            let told = server.base.log.all.filter { $0.description.hasPrefix("error: ") && $0.description.contains("traits.lua") }
            #expect(told.count == 2 && told.allSatisfy { $0.message.contains("\(Self.lists):") && $0.fields["traceback"] == nil }, "\(told)")
        }
    }

    @Test("lists and mapping without the names that specs take for examples go live: no spec reads either")
    func namesAreNoBusinessOfSpecs() async throws {
        var options = ArgusServer.Options()
        options.debug = true
        try await withArgus(options) { server async throws in
            for name in ["ZeusWeaponBoon", "DaggerBlockAspect"] {
                for file in [Self.mapping, Self.lists] {
                    let text = try server.base.folder.read(file).replacingOccurrences(of: "\"\(name)\"", with: "\"Renamed\(name)\"")
                    #expect(try await server.base.save(file, text, andWaitFor: "package argus") == "package argus: loaded")
                }
                #expect(try await explained(server, name)["rule"] as? String == "none")
            }
        }
    }

    @Test("the last runs survive a restart with their time, and a token that is taken back takes its run along")
    func survivesRestarts() async throws {
        var options = ArgusServer.Options()
        options.store = MemoryStore()
        options.clock = ManualClock(now: 1_763_000_000_000)
        var at: Int64 = 0
        try await withArgus(options) { server async throws in
            let first = try await server.login("4711"), second = try await server.login("4712")
            #expect(try await server.send(first, ["weaponData": "Rare;;DaggerBlockAspect"]) == "ok")
            #expect(try await server.send(second, ["weaponData": "Rare;;DaggerBlockAspect"]) == "ok")
            #expect(try await server.call("argus.erase", ["id": "4712"])["ok"] as? Bool == true)
            at = try #require(server.clock?.now)
        }
        try await withArgus(options) { server async throws in
            try await eventually("the run") { try await server.runData(server.ticket(channel: "4711")).text.contains("DaggerBlockAspect") }
            let dashboard = try await server.get("/dashboard_run_data").text
            #expect(dashboard.contains(#""timestamp":\#(at)"#) && !dashboard.contains("4712"))
            // Nobody on Twitch is sent again what they have.
            #expect(try await server.twitch.state().messages.isEmpty)
            server.clock?.advance(600_001)
            #expect(try await server.runData(server.ticket(channel: "4711", exp: server.seconds + 60)).text == "NO_DATA")
        }
        try await withArgus(options) { server async throws in
            #expect(try await server.runData(server.ticket(channel: "4712")).text == "NO_DATA")
        }
    }

    @Test("a restart sends Twitch no message too many, and what waited at the stop goes after it")
    func keepsTheBucketThroughRestarts() async throws {
        let clock = ManualClock(now: 1_763_000_000_000)
        let twitch = try await FakeTwitch(clock: clock)
        var options = ArgusServer.Options()
        options.store = MemoryStore()
        options.clock = clock
        options.twitch = twitch
        func weapon(_ name: String) -> [String: String] { ["weaponData": "Rare;;\(name)"] }
        func messages(_ name: String) async throws -> Int { try await twitch.state().messages.count { $0.text.contains(name) } }
        var token = "", other = ""
        try await withArgus(options) { server async throws in
            token = try await server.login("4711")
            other = try await server.login("4712")
            for count in 1...100 {
                #expect(try await server.send(token, weapon("DaggerBlockAspect")) == "ok")
                try await eventually("message \(count)") { try await messages("DaggerBlockAspect") == count }
            }
            #expect(try await server.send(other, weapon("TorchDetonateAspect")) == "ok")
            try await eventually("the other channel's") { try await messages("TorchDetonateAspect") == 1 }
            // Nothing is left in the bucket.
            #expect(try await server.send(token, weapon("BaseStaffAspect")) == "ok")
        }
        options.isOld = false
        try await withArgus(options) { server async throws in
            try await eventually("the one that waited") {
                clock.advance(100)
                return try await messages("BaseStaffAspect") == 1
            }
            for name in ["AxeArmCastAspect", "SuitHexAspect"] { #expect(try await server.send(token, weapon(name)) == "ok") }
            // Twitch has said what is left for this channel: it does not have to wait for more than its first message.
            #expect(try await server.send(other, weapon("LobGunAspect")) == "ok")
            try await eventually("the newest") {
                clock.advance(100)
                let counts = (try await messages("SuitHexAspect"), try await messages("LobGunAspect"))
                return counts == (1, 1)
            }
            let began = clock.now
            for count in 1...5 {
                #expect(try await server.send(other, weapon("AxePerfectCriticalAspect")) == "ok")
                try await eventually("state \(count)") { try await messages("AxePerfectCriticalAspect") == count }
            }
            #expect(clock.now == began)
        }
        let state = try await twitch.state()
        #expect(state.refused.isEmpty)
        // What Twitch has is not sent again.
        #expect(state.messages.count { $0.text.contains("TorchDetonateAspect") } == 1)
        await twitch.stop()
    }
}
