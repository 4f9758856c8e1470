import Foundation
import Games
import NIOCore
import NightjarTesting
import Store
import Testing

/// Jackpots and `nightjar.account` where the credits are not in the server's store.
@Suite(.serialized, .timeLimit(.minutes(3))) struct JackpotWalletTests {
    private static let project = TestFolder.project(of: #filePath)

    private static func casino() -> ServerOptions {
        var options = ServerOptions.casino()
        options.files.merge(JackpotWireTests.files) { _, new in new }
        options.packages["shop"] = AccountModuleTests.shop
        return options
    }

    /// A casino whose platform `house` plays from the example wallet on another server.
    private func withHouse(_ body: (TestServer) async throws -> Void) async throws {
        var wallet = ServerOptions()
        wallet.copies = ["Scripts/wallet": Self.project + "/Scripts/examples/wallet", "Scripts/lib": Self.project + "/Scripts/lib"]
        try await withTestServer(wallet) { wallet in
            var options = Self.casino()
            options.files["Scripts/casino/platforms/house.lua"] = """
                return {
                  wallet = "remote", components = { "jackpot" },
                  authenticate = function(credentials) return { uid = credentials.uid, profile = {} } end,
                }
                """
            options.casino?.wallets["house"] = WalletSettings(
                url: "http://127.0.0.1:\(wallet.port)/wallet", secret: Array("a secret for trying out the wallet".utf8), timeout: .seconds(5))
            try await withTestServer(options) { try await body($0) }
        }
    }

    private func join(_ server: TestServer, _ uid: String, _ platform: String) throws -> WireSession {
        let session = try server.session()
        try session.send(#"{"auth":{"uid":"\#(uid)","token":"t"},"platform":"\#(platform)","site":"pots"}"#)
        try session.state()
        return session
    }

    private func post(_ server: TestServer, _ path: String, _ body: String) async throws -> String {
        try await server.request("POST", path, body: body).text
    }

    /// All win all the time, so that most stakes meet a level that somebody else has just won: they are rolled back and made again,
    /// with the same chance. At the end the operator has every stake and every win once.
    @Test func aJackpotOfAnOperatorsPlayersIsPaidIntoTheOperatorsWallet() async throws {
        struct Given: @unchecked Sendable { let session: WireSession }  // each belongs to one task
        try await withHouse { (casino: TestServer) async throws in
            let players = try (0..<4).map { number in
                let session = try join(casino, "p\(number)", "house")
                #expect(session.credits == 1_000)
                _ = try session.load("pots")
                return Given(session: session)
            }
            let won = try await withThrowingTaskGroup(of: Int.self) { group in
                for player in players {
                    group.addTask {
                        try await blocking {
                            var won = 0
                            for _ in 0..<20 {
                                try player.session.act("both", #"{"amount":5,"event":"sun"}"#)
                                // Two steps, each with a list of what it has won; a state that is known tells of the operator's balance.
                                for _ in 0..<2 {
                                    let known = player.session.sid
                                    var state = try player.session.state()
                                    while player.session.sid == known { state = try player.session.state() }
                                    let hits = state.data["won"] as? [[String: Any]] ?? []
                                    won += hits.reduce(0) { $0 + ($1["amount"] as? Int ?? 0) }
                                }
                            }
                            return won
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(won >= 80 * 5, "`one` is won in each of eighty bets")
            try await eventually("the operator's figures", within: .seconds(30)) {
                var sum = 0
                for number in 0..<4 {
                    sum += try join(casino, "p\(number)", "house").credits
                }
                return sum == 4 * 1_000 - 80 * 5 + won
            }
            let loop = casino.anyLoop
            let jackpots = try await answer("the jackpots") { casino.store.jackpots(realm: "house", site: "pots", on: loop, $0) }.get()
            for jackpot in jackpots { #expect(jackpot.fault == nil, "\(jackpot.key.id): \(jackpot.fault ?? "")") }
            #expect(jackpots.reduce(0) { $0 + $1.meters.awarded } == Int64(won) * 1_000)
        }
    }

    @Test func creditsInAnOperatorsWalletAreNotChangedFromHere() async throws {
        try await withHouse { (casino: TestServer) async throws in
            #expect(try join(casino, "ann", "house").credits == 1_000)
            for change in [
                #"{"id":"1","realm":"house","user":"ann","entries":[{"kind":"gift","amount":5}]}"#,
                #"{"id":"1","realm":"house","user":"ann","entries":[{"kind":"fee","amount":-5}],"keys":[["set","k",1]]}"#,
                #"{"id":"1","realm":"house","user":"new","open":10}"#,
            ] {
                #expect(try await post(casino, "/commit", change).contains(#""second":"kept_elsewhere""#))
            }
            #expect(try await casino.get("/key/k") == "{}")
            #expect(try await post(casino, "/balance", #"{"realm":"house","user":"new"}"#).contains("not_found"))
            // What moves no credits is no matter of the wallet; the figure is the one that the operator told last.
            #expect(try await post(casino, "/commit", #"{"id":"2","realm":"house","user":"ann","keys":[["set","k",7]]}"#).contains(#""credits":1000"#))
            #expect(try await casino.get("/key/k") == #"{"value":7}"#)
            #expect(try await post(casino, "/balance", #"{"realm":"house","user":"ann"}"#).contains(#""credits":1000"#))
        }
    }

    /// A platform in memory has jackpots and accounts of its own there.
    @Test func whoPlaysFromMemoryHasTheJackpotsInMemory() async throws {
        var options = Self.casino()
        options.files["Scripts/casino/platforms/club.lua"] = """
            return {
              wallet = "memory", components = { "jackpot" },
              authenticate = function(credentials) return { uid = credentials.uid, profile = {} } end,
            }
            """
        try await withTestServer(options) { (casino: TestServer) async throws in
            let player = try join(casino, "ann", "club"), before = player.credits
            _ = try player.load("pots")
            for _ in 0..<3 {
                try player.act("hit", #"{"amount":1}"#)
                let won = try player.state().data["won"] as? [[String: Any]]
                #expect(won?.first?["amount"] as? Int == 5)
            }
            #expect(player.credits == before + 15)
            try player.act("bet", #"{"amount":20}"#)
            // It may reach the value at which `night/mini` must be won.
            let hits = try player.state().data["won"] as? [[String: Any]] ?? []
            let won = hits.reduce(0) { $0 + ($1["amount"] as? Int ?? 0) }
            try player.send(#"{"t":"component","which":"jackpot","message":{"what":"subscribe","to":"one"}}"#)
            let told = try #require(try player.receive()["message"] as? [String: Any])
            #expect(told["value"] as? Int == 7_000)
            // Who comes to the same site from another platform plays for another one.
            let guest = try join(casino, "bob", "demo")
            try guest.send(#"{"t":"component","which":"jackpot","message":{"what":"subscribe","to":"one"}}"#)
            #expect((try guest.receive()["message"] as? [String: Any])?["value"] as? Int == 5_000)
            let loop = casino.anyLoop
            let stored = try await answer("the jackpots") { casino.store.jackpots(realm: "club", site: "pots", on: loop, $0) }.get()
            #expect(stored.isEmpty, "nothing of it is in the store")
            let change = #"{"id":"1","realm":"club","user":"ann","entries":[{"kind":"gift","amount":5}]}"#
            #expect(try await post(casino, "/commit", change).contains(#""second":false"#))
            try player.state()
            #expect(player.credits == before + 15 - 20 + won + 5)
            // What is in the store cannot change together with it, and must not seem to.
            for more in [#""keys":[["set","k",1]]"#, #""outbox":[{"topic":"t","key":"o","body":{"a":1}}]"#] {
                for (user, opening) in [("ann", ""), ("new", #","open":10"#)] {
                    let change = #"{"id":"2","realm":"club","user":"\#(user)"\#(opening),"entries":[{"kind":"gift","amount":5}],\#(more)}"#
                    #expect(try await post(casino, "/commit", change).contains(#""second":"kept_in_memory""#))
                }
            }
            #expect(try await casino.get("/key/k") == "{}")
            #expect(try await post(casino, "/balance", #"{"realm":"club","user":"new"}"#).contains("not_found"))
            #expect(try await post(casino, "/balance", #"{"realm":"club","user":"ann"}"#).contains(#""credits":\#(player.credits)"#))
        }
    }
}
