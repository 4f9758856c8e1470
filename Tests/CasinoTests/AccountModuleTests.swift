import Foundation
import NIOCore
import NightjarTesting
import Store
import Testing

@testable import Games

/// `nightjar.account`: balances and idempotent transactions for packages.
@Suite struct AccountModuleTests {
    static let shop = """
        local nightjar = require "nightjar"
        nightjar.http.post("/commit", function(request)
          local credits, second, detail = nightjar.account.commit(nightjar.json.decode(request.body))
          return { json = { credits = credits, second = second, detail = detail } }
        end)
        nightjar.http.post("/balance", function(request)
          local credits, second = nightjar.account.balance(nightjar.json.decode(request.body))
          return { json = { credits = credits, second = second } }
        end)
        nightjar.http.get("/key/:name", function(request)
          return { json = { value = nightjar.store.get(request.params.name) } }
        end)
        return {}
        """

    private struct Answer: Decodable, Equatable {
        enum Second: Decodable, Equatable {
            case flag(Bool), text(String), number(Int)
            init(from decoder: any Decoder) throws {
                let box = try decoder.singleValueContainer()
                if let flag = try? box.decode(Bool.self) { self = .flag(flag) } else if let number = try? box.decode(Int.self) { self = .number(number) } else { self = .text(try box.decode(String.self)) }
            }
        }
        var credits: Int?
        var second: Second?

        static func done(_ credits: Int, repeated: Bool = false) -> Answer { Answer(credits: credits, second: .flag(repeated)) }
        static func failed(_ code: String) -> Answer { Answer(credits: nil, second: .text(code)) }
    }

    private func post(_ server: TestServer, _ path: String, _ body: String) async throws -> Answer {
        let answer = try await server.request("POST", path, body: body)
        return try JSONDecoder().decode(Answer.self, from: Data(answer.text.utf8))
    }

    private func commit(_ server: TestServer, _ body: String) async throws -> Answer { try await post(server, "/commit", body) }

    @Test func oneIdHasOneEffectWithKeysAndOutbox() async throws {
        try await withTestServer(packages: ["shop": Self.shop]) { (server: TestServer) async throws in
            let change = #"{"id":"1","user":"u","open":10,"entries":[{"kind":"gift","amount":5}],"keys":[["set","k",7]],"outbox":[{"topic":"t","key":"o","body":{"a":1}}]}"#
            #expect(try await commit(server, change) == .done(15))
            #expect(try await commit(server, change) == .done(15, repeated: true))
            #expect(try await commit(server, #"{"id":"2","user":"u","entries":[{"kind":"fee","amount":-15}]}"#) == .done(0))
            #expect(try await commit(server, change) == .done(15, repeated: true), "the answer of the first time")
            #expect(try await post(server, "/balance", #"{"user":"u"}"#).credits == 0)
            #expect(try await server.get("/key/k") == #"{"value":7}"#)
        }
    }

    @Test func whatIsRefusedChangesNothing() async throws {
        try await withTestServer(packages: ["shop": Self.shop]) { (server: TestServer) async throws in
            #expect(try await commit(server, #"{"id":"0","user":"nobody","entries":[{"kind":"gift","amount":5}]}"#) == .failed("not_found"))
            #expect(try await post(server, "/balance", #"{"user":"nobody"}"#) == .failed("not_found"))
            #expect(try await commit(server, #"{"id":"1","user":"u","open":10}"#) == .done(10))
            let fee = #"{"id":"2","user":"u","entries":[{"kind":"fee","amount":-11},{"kind":"gift","amount":5}],"keys":[["set","k",7]]}"#
            #expect(try await commit(server, fee) == .failed("insufficient_credits"))
            #expect(try await server.get("/key/k") == "{}")
            #expect(try await commit(server, #"{"id":"1","user":"v","open":0}"#) == .failed("id_taken"))
            #expect(try await commit(server, #"{"id":"3","user":"u","entries":[{"kind":"set","to":3}]}"#) == .done(3))
            #expect(try await commit(server, #"{"id":"4","user":"u","entries":[{"kind":"gift","amount":9223372036854775807}]}"#) == .failed("credits_overflow"))
        }
    }

    @Test func aRealmIsThePackagesOwnUnlessItNamesOne() async throws {
        try await withTestServer(packages: ["shop": Self.shop, "other": Self.shop.replacingOccurrences(of: "\"/", with: "\"/other/")]) { (server: TestServer) async throws in
            #expect(try await commit(server, #"{"id":"1","user":"u","open":10}"#) == .done(10))
            #expect(try await post(server, "/other/balance", #"{"user":"u"}"#) == .failed("not_found"))
            #expect(try await post(server, "/other/balance", #"{"user":"u","realm":"shop"}"#).credits == 10)
            #expect(try await post(server, "/other/commit", #"{"id":"1","user":"u","realm":"shop","entries":[{"kind":"gift","amount":1}]}"#) == .done(11), "ids are each package's own")
        }
    }

    @Test func mistakesNameTheField() async throws {
        try await withTestServer(packages: ["shop": Self.shop], allowsScriptErrors: true) { (server: TestServer) async throws in
            for (change, words) in [
                (#"{"user":"u"}"#, "'id'"), (#"{"id":"1"}"#, "'user'"), (#"{"id":"","user":"u"}"#, "'id'"), (#"{"id":"1","user":""}"#, "'user'"),
                (#"{"id":"1","user":"u","entires":[]}"#, "did you mean"), (#"{"id":"1","user":"u","entries":[{"kind":"A","amount":1}]}"#, "'entries'"),
                (#"{"id":"1","user":"u","entries":[{"kind":"a","amount":1,"to":1}]}"#, "'entries'"), (#"{"id":"1","user":"u","keys":[["sing","k"]]}"#, "'keys'"),
                (#"{"id":"1","user":"u","outbox":[{"topic":"t"}]}"#, "'outbox'"), (#"{"id":"1","user":"u","open":-1}"#, "'open'"),
            ] {
                _ = try await server.request("POST", "/commit", body: change)
                #expect(server.scriptErrors.last?.contains(words) == true, "\(change): \(server.scriptErrors.last ?? "")")
            }
        }
    }

    /// A player in the middle of a round: the change waits for its turn, the sessions hear of it, and the round goes on.
    @Test func aPlayersSessionsHearOfAChangeAndTheRoundGoesOn() async throws {
        var options = ServerOptions.casino()
        options.packages["shop"] = Self.shop
        try await withTestServer(options) { (server: TestServer) async throws in
            let session = try server.session("ann")
            _ = try session.load("joker_bingo")
            try session.act("bet", #"{"amount":4}"#)
            try session.state()
            let change = #"{"id":"1","realm":"demo","user":"ann","entries":[{"kind":"purchase","amount":500}]}"#
            #expect(try await commit(server, change) == .done(1_496))
            let told = try session.state()
            #expect(session.credits == 1_496 && told.gameName == "game")
            #expect(try await commit(server, change) == .done(1_496, repeated: true))
            try session.act("end")
            #expect(try session.state().gameName == "idle", "no conflict with what was changed outside")
        }
    }

    /// Everybody at once, the same ids twice: each has one effect.
    @Test func manyChangesAtOnceHaveOneEffectEach() async throws {
        var options = ServerOptions.casino()
        options.packages["shop"] = Self.shop
        try await withTestServer(options) { (server: TestServer) async throws in
            #expect(try await commit(server, #"{"id":"open","realm":"demo","user":"u","open":0}"#) == .done(0))
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for number in 0..<100 {
                    group.addTask { try await commit(server, #"{"id":"\#(number / 2)","realm":"demo","user":"u","entries":[{"kind":"gift","amount":1}]}"#) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.second == .flag(false) } == 50 && answers.count { $0.second == .flag(true) } == 50)
            #expect(try await post(server, "/balance", #"{"realm":"demo","user":"u"}"#).credits == 50)
        }
    }
}
