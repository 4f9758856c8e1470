import Foundation
import Games
import NIOCore
import NightjarTesting
import Store
import Testing

/// The example wallet on one server, a casino that plays from it on another.
@Suite struct WalletWireTests {
    private static let project = TestFolder.project(of: #filePath)

    private static func wallet() -> ServerOptions {
        var options = ServerOptions()
        options.copies = ["Scripts/wallet": project + "/Scripts/examples/wallet", "Scripts/lib": project + "/Scripts/lib"]
        return options
    }

    private static func casino(wallet port: Int, secret: String = "a secret for trying out the wallet") -> ServerOptions {
        var options = ServerOptions.casino()
        options.files["Scripts/casino/platforms/house.lua"] = """
            return {
              wallet = "remote",
              authenticate = function(credentials) return { uid = credentials.uid, profile = {} } end,
            }
            """
        options.casino?.wallets["house"] = WalletSettings(
            url: "http://127.0.0.1:\(port)/wallet", secret: Array(secret.utf8), timeout: .milliseconds(1_000))
        return options
    }

    private func start(_ session: WireSession, _ uid: String, token: String) throws {
        try session.send(#"{"auth":{"uid":"\#(uid)","token":"\#(token)"},"platform":"house","site":"demo"}"#)
    }

    @Test func aRoundIsPlayedWithTheMoneyOfAnotherServer() async throws {
        try await withTestServer(Self.wallet()) { wallet in
            try await withTestServer(Self.casino(wallet: wallet.port)) { casino in
                let session = try casino.session()
                try start(session, "kim", token: "kim-is-here")
                try session.state()
                #expect(session.credits == 1_000_000)
                _ = try session.load("joker_bingo")
                try session.act("bet", #"{"amount":4}"#)
                let drawn = try session.state()
                #expect(drawn.gameName == "game" && session.credits == 999_996)
                try session.act("end")
                let ended = try session.state()
                let win = drawn.data["total_winnings"] as? Int ?? -1
                #expect(ended.gameName == "idle" && session.credits == 999_996 + win)
                // The operator has the same figure once the win is paid; a new session asks for it.
                try await eventually("the wallet has been paid") {
                    let other = try casino.session()
                    try start(other, "kim", token: "kim-is-here")
                    try other.state()
                    return other.credits == 999_996 + win
                }
            }
        }
    }

    @Test func aTokenThatTheWalletDoesNotKnowClosesTheSession() async throws {
        try await withTestServer(Self.wallet()) { wallet in
            try await withTestServer(Self.casino(wallet: wallet.port)) { casino in
                let session = try casino.session()
                try start(session, "kim", token: "lee-is-here")
                #expect(try session.error() == "auth_failed")
                #expect(try await WireSession.waitForClose(session) == 4401)
            }
        }
    }

    /// Nobody hears of a player who only was claimed to be here: for the player himself the first time is still to come.
    @Test(arguments: [true, false])
    func aTokenThatIsRefusedLeavesNothingOfThePlayer(_ isSiteInAFile: Bool) async throws {
        let site = #"{"id":"demo","platform":"house","initial_credits":1000,"games":{"coin_toss":{}}}"#
        try await withTestServer(Self.wallet()) { wallet in
            let office = try await BackOfficeServer(sites: ["demo.json": site])
            let house = Self.casino(wallet: wallet.port)
            let casino = try await office.casino(file: isSiteInAFile ? site : nil) { options in
                options.files.merge(house.files) { own, _ in own }
                options.casino?.wallets = house.casino?.wallets ?? [:]
            }
            for token in ["lee-is-here", ""] {
                let stranger = try casino.session()
                try start(stranger, "kim", token: token)
                #expect(try stranger.error() == "auth_failed")
            }
            for rows in ["players", "sessions"] { #expect(try await office.rows(rows).isEmpty) }
            let kim = try casino.session()
            try start(kim, "kim", token: "kim-is-here")
            let data = try kim.state()["userdata"] as? [String: Any]
            #expect(data?["first_time"] as? Bool == true && kim.credits == 1_000_000)
            #expect(try await office.rows("players").map { $0["uid"] as? String } == ["kim"])
            await casino.stop()
            await office.stop()
        }
    }

    @Test func aWalletWithAnotherSecretServesNobody() async throws {
        try await withTestServer(Self.wallet()) { wallet in
            let options = Self.casino(wallet: wallet.port, secret: "another secret of at least 32 bytes")
            try await withTestServer(options) { casino in
                let session = try casino.session()
                try start(session, "kim", token: "kim-is-here")
                #expect(["auth_failed", "wallet_unavailable"].contains(try session.error()))
            }
        }
    }

    @Test func aWalletThatIsAwayStopsStakesAndNothingElse() async throws {
        let wallet = try await TestServer(Self.wallet())
        try await withTestServer(Self.casino(wallet: wallet.port)) { casino in
            let session = try casino.session()
            try start(session, "kim", token: "kim-is-here")
            try session.state()
            _ = try session.load("joker_bingo")
            await wallet.stop()
            try session.act("bet", #"{"amount":4}"#)
            #expect(try session.error() == "wallet_unavailable")
            #expect(try session.state().gameName == "idle")
            #expect(session.credits == 1_000_000)
            try session.act("cards")
            #expect(try session.state().gameName == "idle")
            // Others, who play from the store, do not notice.
            let other = try casino.session("bob")
            _ = try other.load("joker_bingo")
            try other.act("bet", #"{"amount":4}"#)
            #expect(try other.state().gameName == "game")
        }
    }
}
