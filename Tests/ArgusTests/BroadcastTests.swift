import Foundation
import NightjarTesting
import Testing

@Suite("Argus: runs and broadcasts", .timeLimit(.minutes(10)))
struct BroadcastTests {
    /// A run that takes several parts: a fully pinned one with many boons.
    private static let long: [String: String] = [
        "boonData": (0..<60).map { "Epic;;\(["Zeus", "Hera", "Ares", "Apollo"][$0 % 4])\(["Weapon", "Special", "Cast", "Sprint"][$0 / 4 % 4])Boon" }.joined(separator: " ")
            + " " + (0..<40).map { _ in "Rare;;BoltRetaliateBoon" }.joined(separator: " "),
        "pinData": "GoodStuffBoon;;LightningVulnerabilityBoon;;AllCloseBoon",
        "vowData": "4;;BossDifficultyShrineUpgrade 1;;MinibossCountShrineUpgrade", "arcanaData": "3;;ScreenReroll 1;;CastCount",
    ]

    private func wholes(_ messages: [FakeTwitch.Message], of channel: String) throws -> [String] {
        var parts = Parts()
        let wholes = messages.filter { $0.channel == channel }.compactMap { parts.add($0.text) }
        #expect(parts.violations.isEmpty)
        return wholes
    }

    @Test("a run reaches Twitch signed and in parts, and joined they are what viewers pull", arguments: ["1", "2"])
    func broadcasts(_ version: String) async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            #expect(try await server.send(token, Self.long, version: version) == "ok")
            let state = try await eventually("the broadcast") {
                let state = try await server.twitch.state()
                return try wholes(state.messages, of: "4711").isEmpty ? nil : state
            }
            #expect(state.refused.isEmpty && state.messages.count >= 2)
            let whole = try wholes(state.messages, of: "4711")
            #expect(whole == [try await server.runData(server.ticket(channel: "4711")).text])
        }
    }

    @Test("token first, then version, then the run; nothing is broadcast for what is refused")
    func checksInOrder() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            for (body, answer) in [
                (#"{"argusProtocolVersion":"9","argusToken":"0123456789abcdef","runData":{}}"#, "bad_argus_token"), (#"{"argusProtocolVersion":"2","runData":{}}"#, "bad_argus_token"),
                (#"{"argusProtocolVersion":"2","argusToken":7,"runData":{}}"#, "bad_argus_token"), (#"{"argusProtocolVersion":"9","argusToken":"\#(token)"}"#, "bad_protocol_version"),
                (#"{"argusProtocolVersion":2,"argusToken":"\#(token)","runData":{}}"#, "bad_protocol_version"),
            ] { #expect(ArgusServer.words(try await server.post("/run_info", body)) == answer, "\(body)") }
            for body in [#"{"argusToken":"\#(token)"}"#, #"{"argusToken":"\#(token)","runData":7}"#, #"{"argusToken":"\#(token)","runData":[]}"#, "{"] {
                #expect(try await server.post("/run_info", body).status == 400, "\(body)")
            }
            #expect(ArgusServer.words(try await server.post("/run_info", #"{"argusToken":"\#(token)","runData":{}}"#)) == "ok")
            let all = #"{"boonData":{},"weaponData":{},"familiarData":{},"extraData":[],"elementalData":[],"pinData":[],"vowData":{},"arcanaData":{},"totalRunItems":"0"}"#
            let data = try await server.runData(server.ticket(channel: "4711")).text
            let (found, wanted) = (try JSONSerialization.jsonObject(with: Data(data.utf8)) as? NSDictionary, try JSONSerialization.jsonObject(with: Data(all.utf8)) as? NSDictionary)
            #expect(found == wanted)
        }
    }

    @Test("half of a character costs what it stands in, and not the run")
    func takesHalvesOfCharacters() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            let body = #"{"argusToken":"\#(token)","runData":{"boonData":"Common;;Zeus\#("\\ud800")Boon Rare;;HeraCastBoon","weaponData":"Rare;;DaggerBlockAspect"}}"#
            #expect(ArgusServer.words(try await server.post("/run_info", body)) == "ok")
            let data = try await server.runData(server.ticket(channel: "4711")).text
            #expect(data.contains("HeraCastBoon") && data.contains("DaggerBlockAspect") && data.contains(#""totalRunItems":"2""#))
            let state = #"{"argusToken":"\#(token)","gameState":{"Traits":[{"Name":"DaggerBlockAspect","Slot":"Aspect"},{"Name":"Zeus\#("\\udc00")"},{"Name":"ZeusWeaponBoon"}]}}"#
            #expect(ArgusServer.words(try await server.post("/run_info", state)) == "ok")
            #expect(try await server.runData(server.ticket(channel: "4711")).text.contains("ZeusWeaponBoon"))
        }
    }

    @Test("what Twitch refuses is logged without ticket and token, and the next run is broadcast all the same", arguments: ["down", "garbage", "refuse"])
    func survivesRefusals(_ mode: String) async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            try await server.twitch.modes(["pubsub": [mode, "right"]])
            #expect(try await server.send(token) == "ok")
            try await server.base.log.wait(for: "a message to Twitch failed")
            #expect(try await server.send(token, ["weaponData": "Rare;;DaggerBlockAspect"]) == "ok")
            try await eventually("the next run") { try await server.twitch.state().messages.contains { $0.text.contains("DaggerBlockAspect") } }
            let log = server.base.log.all.map(\.description).joined(separator: "\n")
            for secret in ["eyJ", token, "Bearer"] { #expect(!log.contains(secret)) }
        }
    }

    @Test("a storm of runs: the bucket is never overdrawn, and the newest run arrives last")
    func keepsTheBucket() async throws {
        // The bucket fills by the clock, so this one is the system's.
        var options = ArgusServer.Options()
        options.ownsTime = false
        try await withArgus(options) { server async throws in
            let token = try await server.login("4711"), quiet = try await server.login("4712")
            for number in 0..<400 {
                #expect(try await server.send(token, ["pinData": "ZeusWeaponBoon", "elementalData": "Fire:\(number);;Water:0;;Earth:0;;Air:0;;Aether:0"]) == "ok")
            }
            #expect(try await server.send(quiet, ["elementalData": "Fire:7;;Water:0;;Earth:0;;Air:0;;Aether:0"]) == "ok")
            let state = try await eventually("the newest runs of both") {
                let state = try await server.twitch.state()
                let last = try wholes(state.messages, of: "4711").last, other = try wholes(state.messages, of: "4712").last
                return last?.contains(#""value":"399""#) == true && other != nil ? state : nil
            }
            #expect(state.refused.isEmpty)
            // A hundred at once, and one a second after: far fewer than there were runs.
            #expect(state.messages.count < 300)
        }
    }

    @Test("while Twitch answers nothing runs are taken, and when it does the newest goes")
    func waitsForTwitch() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            try await server.twitch.hold()
            for number in 0..<20 { #expect(try await server.send(token, ["elementalData": "Fire:\(number);;Water:0;;Earth:0;;Air:0;;Aether:0"]) == "ok") }
            try await server.twitch.go()
            try await eventually("the newest run") { try wholes(try await server.twitch.state().messages, of: "4711").contains { $0.contains(#""value":"19""#) } }
        }
    }

    @Test("a save of the lists and of the mapping while runs come in: none is lost, and the next run uses them")
    func takesOverEdits() async throws {
        var options = ArgusServer.Options()
        options.debug = true
        try await withArgus(options) { server async throws in
            let token = try await server.login("4711")
            let key = try await server.viewKey(token)
            let overlay = try await server.overlay("4711", key: key)
            let run = ["boonData": "Common;;ZeusWeaponBoon"]
            #expect(try await server.send(token, run) == "ok")
            #expect(try await overlay.receiveText().contains("ZeusWeaponBoon"))
            // Runs go on meanwhile.
            let sending = Task {
                var answers: [String] = []
                while !Task.isCancelled { answers.append(try await server.send(token, run)) }
                return answers
            }
            func rename(_ name: String) throws {
                let shipped = try String(contentsOfFile: ArgusServer.repository + "/Scripts/argus/data/ui_mappings.json", encoding: .utf8)
                var map = try #require(try JSONSerialization.jsonObject(with: Data(shipped.utf8)) as? [String: [String: Any]])
                var boon = try #require(map["boons"]?["ZeusWeaponBoon"] as? [String: Any])
                boon["name"] = name
                map["boons"]?["ZeusWeaponBoon"] = boon
                server.base.save("data/packages/argus/data/ui_mappings.json", String(decoding: try JSONSerialization.data(withJSONObject: map), as: UTF8.self))
            }
            try rename("The First Name")
            try await eventually("the first name") {
                server.clock?.advance(100)
                return try await server.runData(server.ticket(channel: "4711", exp: server.seconds + 60)).text.contains("The First Name")
            }
            // Overlays that are open are drawn anew, four times a second at most.
            server.clock?.advance(300)
            while !(try await overlay.receiveText()).contains("The First Name") {}
            // A broken one changes nothing, and says where it is broken.
            server.base.save("data/packages/argus/data/ui_mappings.json", "{\n\"boons\": {\n\"a\": }\n}")
            try await server.base.log.wait(for: "ui_mappings.json")
            #expect(try await server.runData(server.ticket(channel: "4711", exp: server.seconds + 60)).text.contains("The First Name"))
            try rename("The Second Name")
            try await eventually("the second name") {
                server.clock?.advance(100)
                return try await server.runData(server.ticket(channel: "4711", exp: server.seconds + 60)).text.contains("The Second Name")
            }
            // The lists.
            server.base.reloads.skip()
            try server.base.folder.edit("Scripts/argus/traits.lua") { $0 + "\n-- saved again\n" }
            _ = try await server.base.reloads.wait(for: "the lists") { $0 == "package argus: loaded" }
            sending.cancel()
            let answers = try await sending.value
            #expect(answers.count > 0 && answers.allSatisfy { $0 == "ok" }, "\(Set(answers))")
            #expect(server.base.scriptErrors == [])
        }
    }
}
