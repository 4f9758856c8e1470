import Bytes
import Foundation
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload
import LuaRuntime
import NightjarTesting
import Store
import Testing


@Suite struct MessageTests {
    private static let credit = Denomination(name: "credit", prefix: "", suffix: "", isInteger: true, moneyMultiplier: "1", rgsID: "CRE")
    private static let usd = Denomination(name: "usd", prefix: "US$ ", suffix: "", isInteger: false, moneyMultiplier: "0.01", rgsID: "USD")

    @Test func stateWithoutGameHasNoGameMembers() {
        var bytes: [UInt8] = Array("left over".utf8)
        StateMessage.write(into: &bytes, game: nil, credits: 38334, walletTail: Self.credit.walletTail, userdata: Array(#"{"a":1}"#.utf8))
        #expect(String(decoding: bytes, as: UTF8.self)
            == #"{"t":"state","wallet":{"credits":38334,"denom":"credit","denom_info":{"prefix":"","suffix":"","integer":true,"money_multiplier":1,"rgs_id":"CRE"}},"userdata":{"a":1}}"#)
    }

    @Test func stateWithGameCarriesTheBlobUntouched() {
        var bytes: [UInt8] = []
        let blob = Array(#"{"id":"x","name":"idle"}"#.utf8)
        StateMessage.write(into: &bytes, game: ("joker_bingo", blob), credits: 0, walletTail: Self.usd.walletTail, userdata: Userdata.empty)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix(#"{"t":"state","curr_game":"joker_bingo","gamestate":{"id":"x","name":"idle"},"wallet":{"credits":0,"#))
        #expect(text.contains(#""money_multiplier":0.01"#))
    }

    @Test func errorsEscapeTheirText() throws {
        let error = SessionError(.badMessage, "a \"b\"\n\u{1}\u{7F}", reText: "\\")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(error.encoded())) as? [String: String])
        #expect(object == ["t": "error", "code": "bad_message", "message": "a \"b\"\n\u{1}\u{7F}", "re": "\\"])
    }

    @Test func engineMessagesAreJSON() throws {
        for bytes in [EngineMessage.reloaded(game: "g", generation: 7), EngineMessage.error(game: "g", .load, text: "engines/g.lua:3: \"x\"")] {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
            #expect(object["which"] as? String == "engine")
        }
    }

    @Test func decimalsAreExact() {
        for value in [0, 1, -1, 9, 10, 1234567890, Int64.max, Int64.min] {
            var bytes: [UInt8] = []
            bytes.append(decimal: value)
            #expect(String(decoding: bytes, as: UTF8.self) == String(value))
        }
    }
}

@Suite struct JournalTests {
    @Test func bodyReadsBackAsWritten() throws {
        let settings = GameSettings(json: Array(#"{"x":1}"#.utf8))
        let call = GameCall(
            game: "joker_bingo", operation: .action("bet", params: Array(#"{"amount":4}"#.utf8)), state: nil, stateVersion: 2, site: "demo",
            settings: settings, credits: 1000, now: 1_700_000_000_000)
        var outcome = ActionOutcome()
        outcome.steps = [
            GameStep(id: .random(), blob: Array("{}".utf8), effects: [LedgerEntry(.win, 6)], key: .fresh(), draws: 0),
            GameStep(id: .random(), blob: Array("{1}".utf8), effects: [LedgerEntry(.bet, -4), LedgerEntry(.extra, -1)], key: .fresh(), draws: 30),
        ]
        (outcome.steps[0].round, outcome.steps[0].outcome) = (.random(), .settled)
        outcome.steps[1].round = outcome.steps[1].id
        outcome.steps[1].marks = ["wild", "free_spins"].compactMap { Mark(rawValue: $0) }
        outcome.refusal = GameRefusal(code: .insufficientFunds, detail: "")
        outcome.generation = GenerationNumber(number: 9)
        outcome.engineVersion = 3
        let body = JournalBody.call(call, outcome, creditsAfter: 1001)
        #expect(try JSONSerialization.jsonObject(with: Data(body)) is [String: Any])
        let record = try #require(JournalRecord(parsing: body))
        #expect(record.operation == call.operation)
        #expect(record.place == GameKey(site: "demo", game: "joker_bingo"))
        #expect(record.generation == 9)
        #expect(record.engineVersion == 3)
        #expect(record.stateVersion == 2)
        #expect(record.settings == .content(settings.id))
        #expect(record.creditsBefore == 1000)
        #expect(record.creditsAfter == 1001)
        #expect(record.matches(outcome))
        #expect(record.steps.map(\.round) == outcome.steps.map(\.round))
        #expect(record.steps.map(\.outcome) == [.settled, nil])
        #expect(record.steps.map(\.marks) == outcome.steps.map(\.marks))
        #expect(record.call(on: nil, settings: settings).replayed == outcome.steps.map { .init(id: $0.id, key: $0.key) })
        var other = outcome
        other.steps[1].blob = Array("{2}".utf8)
        #expect(!record.matches(other))
    }

    @Test func damagedBodiesAreRefusedNotTrapped() throws {
        var outcome = ActionOutcome()
        outcome.steps = [GameStep(id: .random(), blob: [], effects: [LedgerEntry(.bet, -4)], key: .fresh(), draws: 3)]
        let call = GameCall(
            game: "g", operation: .start, state: nil, stateVersion: 0, site: "s", settings: GameSettings(json: []), credits: 0, now: 0)
        let body = JournalBody.call(call, outcome, creditsAfter: 0)
        var generator = Seeded(3)
        for _ in 0..<20_000 {
            var bytes = body
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            if Bool.random(using: &generator) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
            _ = JournalRecord(parsing: bytes)
        }
        #expect(JournalRecord(parsing: Array("{}".utf8)) == nil)
        #expect(JournalRecord(parsing: JournalBody.leaving(GameKey(site: "s", game: "g"), op: "finish", state: .random(), now: 1, credits: 2)) == nil)
    }
}

@Suite struct JSONObjectTests {
    private func elements(_ text: String) throws -> [String]? {
        try Array(text.utf8).withUnsafeBytes { bytes in
            try JSONObject(bytes)["a"]?.elements?.map { String(decoding: $0.bytes, as: UTF8.self) }
        }
    }

    @Test func elementsOfArraysAreSplitAtTheirOwnCommas() throws {
        #expect(try elements(#"{"a":[]}"#) == [])
        #expect(try elements(#"{"a":[ ]}"#) == [])
        #expect(try elements(#"{"a":[1, "x,]\"" ,[2,3],{"b":[4,5]} , null]}"#) == ["1", #""x,]\"""#, "[2,3]", #"{"b":[4,5]}"#, "null"])
        #expect(try elements(#"{"a":7}"#) == nil)
    }

    @Test func overlayReplacesAddsAndDeletes() throws {
        func overlay(_ base: String, _ over: String, deletesNull: Bool) throws -> String {
            try Array(base.utf8).withUnsafeBytes { base in
                try Array(over.utf8).withUnsafeBytes { over in
                    String(decoding: JSONMerge.overlay(try JSONObject(base), try JSONObject(over), deletesNull: deletesNull), as: UTF8.self)
                }
            }
        }
        #expect(try overlay(#"{"a":1,"b":{"x":1}}"#, #"{"b":{"y":2},"c":[3]}"#, deletesNull: false) == #"{"a":1,"b":{"y":2},"c":[3]}"#)
        #expect(try overlay(#"{"a":1,"b":2}"#, #"{"a":null}"#, deletesNull: false) == #"{"a":null,"b":2}"#)
        #expect(try overlay(#"{"a":1,"b":2}"#, #"{"a":null,"z":null}"#, deletesNull: true) == #"{"b":2}"#)
        #expect(try overlay(#"{"a":1,"a":2}"#, "{}", deletesNull: true) == #"{"a":2}"#)
        #expect(try overlay(#"{"\u0061":1}"#, #"{"a":2}"#, deletesNull: true) == #"{"a":2}"#)
        #expect(try overlay("{}", "{}", deletesNull: true) == "{}")
    }

    @Test func manifestsAreReadStrictly() throws {
        let manifest = try GameManifest(parsing: Array(#"{"id":"g","title":"G","engine":"bingo","settings":{"a":1,"b":2}}"#.utf8), folder: "g")
        #expect(manifest.engine == "bingo")
        #expect(String(decoding: manifest.effectiveSettings(site: Array(#"{"b":3}"#.utf8)).json, as: UTF8.self) == #"{"a":1,"b":3}"#)
        #expect(throws: GameManifest.Fault.self) { try GameManifest(parsing: Array(#"{"id":"g"}"#.utf8), folder: "h") }
        #expect(throws: GameManifest.Fault.self) { try GameManifest(parsing: Array(#"{"id":"g","engine":"../x"}"#.utf8), folder: "g") }
        do {
            _ = try GameManifest(parsing: Array("{\"id\":\"g\",\n\"settings\":[]}".utf8), folder: "g")
            Issue.record("taken")
        } catch {
            #expect(error.line == 2)
        }
        // All that is wrong is told.
        do {
            _ = try GameManifest(parsing: Array("{\"id\":\"h\",\n\"title\":\"\",\n\"engine\":\"../x\",\n\"settings\":[],\n\"reads\":[\"a\",\n\"b\"],\n\"unfinished\":1}".utf8), folder: "g")
            Issue.record("taken")
        } catch {
            #expect(error.all.map(\.line) == [1, 2, 3, 4, 5, 6, 7], "\(error.all)")
        }
    }
}
