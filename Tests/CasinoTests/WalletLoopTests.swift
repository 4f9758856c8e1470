import Foundation
import NIOCore
import NIOPosix
import NightjarTesting
import Store
import Testing

@testable import Games
@testable import Host
import Reload

/// An operator's wallet that keeps some calls waiting, and what goes on meanwhile on the casino's loops.
@Suite(.serialized, .timeLimit(.minutes(2))) struct WalletLoopTests {
    /// Everybody has a thousand. Calls of one kind, `/hold`, have no answer before it is another kind; `/count` says how many came.
    private static func wallet(holding call: String) -> String {
        """
        local nightjar = require "nightjar"
        local json, held, counts = nightjar.json, "\(call)", {}
        nightjar.http.post("/hold", function(request) held = request.body return "" end)
        nightjar.http.get("/count", function(request) return tostring(counts[request.query.of] or 0) end)
        for _, name in ipairs { "authenticate", "balance", "debit", "credit", "rollback" } do
          nightjar.http.post("/wallet/" .. name, function(request)
            counts[name] = (counts[name] or 0) + 1
            while held == name do nightjar.sleep(0.05) end
            local call = json.decode(request.body)
            return json.encode { id = call.id, balance = 1000, player = call.player, currency = call.currency }
          end)
        end
        return {}
        """
    }

    /// A wallet, and a casino of two loops whose platform `house` plays from it; calls have all the time they may have.
    private func withHouse(
        store: MemoryStore? = nil, holding call: String = "", _ body: (_ wallet: TestServer, _ casino: TestServer) async throws -> Void
    ) async throws {
        try await withTestServer(packages: ["wallet": Self.wallet(holding: call)]) { wallet in
            var options = ServerOptions.casino()
            options.store = store
            options.files["Scripts/casino/platforms/house.lua"] = """
                return {
                  wallet = "remote",
                  authenticate = function(credentials) return { uid = credentials.uid, profile = {} } end,
                }
                """
            options.casino?.wallets["house"] = WalletSettings(
                url: "http://127.0.0.1:\(wallet.port)/wallet", secret: Array(repeating: 7, count: 32),
                timeout: .milliseconds(Int64(WalletSettings.timeoutRange.upperBound)))
            try await withTestServer(options) { try await body(wallet, $0) }
        }
    }

    private func hold(_ call: String, at wallet: TestServer) async throws {
        #expect(try await wallet.request("POST", "/hold", body: call).status == 200)
    }

    private func count(_ call: String, at wallet: TestServer) async throws -> Int { Int(try await wallet.get("/count?of=\(call)")) ?? -1 }

    /// Somebody whose home is this one of the casino's two loops.
    private func user(of platform: String, at home: Int) throws -> String {
        try #require((0..<64).lazy.map { "user\($0)" }.first { UserKey(realm: platform, user: $0).home(among: 2) == home })
    }

    @Test func paymentsThatHangKeepNoStakeWaiting() async throws {
        // More than all the connections of one client.
        let store = MemoryStore(), loop = MultiThreadedEventLoopGroup.singleton.next()
        for number in 0..<80 {
            let account = AccountKey(realm: "house", user: "owed\(number)", denom: "credit")
            let call = WalletCall.credit(
                id: "c-\(number)", WalletCall.Holder(player: account.user, currency: "CRE"), amount: 1,
                for: WalletCall.Cause(site: "demo", game: "coin_toss", round: "r", kinds: ["win"]))
            _ = try await answer("an account") { store.account(account, initialCredits: 0, on: loop, $0) }.get()
            _ = try await answer("what is owed") { done in
                store.commit(
                    Transition(account: account, id: .random(), expectedVersion: 1, outbox: [OwedCall(call, account: account, amount: 1).item]), on: loop, done)
            }
        }
        try await withHouse(store: store, holding: "credit") { wallet, casino in
            try await eventually("the payments are under way") { try await count("credit", at: wallet) >= 64 }
            // Payments go out from the first loop.
            let session = try casino.session()
            try session.start(try user(of: "house", at: 0), platform: "house")
            _ = try session.load("joker_bingo")
            try session.act("bet", #"{"amount":4}"#)
            #expect(try session.state().gameName == "game")
            try await hold("", at: wallet)
        }
    }

    @Test func aStopEndsAllLoopsAtOnce() async throws {
        try await withHouse { wallet, casino in
            let waiting = try casino.session(), other = try casino.session()
            try waiting.start(try user(of: "house", at: 0), platform: "house")
            _ = try waiting.load("joker_bingo")
            let uid = try user(of: "demo", at: 1)
            try other.start(uid)
            _ = try other.load("joker_bingo")
            try await hold("debit", at: wallet)
            try waiting.act("bet", #"{"amount":4}"#)
            try await eventually("the stake is under way") { try await count("debit", at: wallet) == 1 }
            async let end: Void? = casino.casino?.drain()
            try await eventually("the second loop takes no more commands") {
                try await answer("the second loop") { done in
                    casino.host.withWorker(1) { worker in
                        let loop = worker.storage[ObjectIdentifier(CasinoLoop.self)] as? CasinoLoop
                        done(loop?.isStopping == true)
                    }
                }
            }
            try other.act("bet", #"{"amount":4}"#)
            try other.send("", opcode: 8)
            _ = try await WireSession.waitForClose(other)
            try await hold("", at: wallet)
            _ = await end
            let loop = casino.anyLoop
            let journal = try await answer("the journal") { casino.store.journal(since: 0, limit: 100, on: loop, $0) }.get()
            #expect(journal.filter { $0.account.user == uid && $0.account.realm == "demo" }.allSatisfy { $0.kind != .action })
            #expect(journal.contains { $0.account.realm == "house" && $0.kind == .action }, "what was taken before is carried out")
        }
    }
}
