import Bytes
import Foundation
import Games
import Logging
import NIOPosix
import NightjarTesting
import Store
import Synchronization
import Testing

@testable import Nightjar

/// Kills the server under load while its players play from a wallet elsewhere: afterwards the wallet and the journal agree to
/// the credit.
@Suite("Wallet crashes", .serialized)
struct WalletCrashTests {
    private static let players = 6
    private static let funds: Int64 = 1_000_000
    private static let secret = "a secret for trying out the wallet"

    @Test("after any kill the operator's wallet has what the journal says", .timeLimit(.minutes(5)))
    func survivesKills() async throws { try await killRepeatedly(rounds: 10, seed: 3) }

    @Test(
        "Soak: kills with an operator's wallet", .enabled(if: ProcessInfo.processInfo.environment["NIGHTJAR_SOAK"] != nil), .timeLimit(.minutes(60)))
    func soakKills() async throws { try await killRepeatedly(rounds: 300, seed: 4) }

    private func killRepeatedly(rounds: Int, seed: UInt64) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("nightjar-wallet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var options = ServerOptions()
        let project = ServerProcess.root.path
        options.copies = ["Scripts/wallet": project + "/Scripts/examples/wallet", "Scripts/lib": project + "/Scripts/lib"]
        options.settings = ["wallet": #"{"opening_balance":\#(Self.funds)}"#]
        try await withTestServer(options) { wallet in
            let arguments = try Self.prepare(directory, wallet: wallet.port)
            var random = SplitMix(state: seed)
            let seen = Lock(0)
            for _ in 0..<rounds {
                let server = try ServerProcess(arguments: arguments, directory: directory)
                let target = seen.withLock { $0 } + 1 + Int(random.next() % 60)
                let threads = (0..<Self.players).map { number in
                    let done = DispatchSemaphore(value: 0)
                    let port = server.port
                    Thread {
                        Self.play("player-\(number)", port: port) { seen.withLock { $0 += 1 } }
                        done.signal()
                    }.start()
                    return done
                }
                try? await eventually("some rounds", within: .seconds(20)) { seen.withLock { $0 } >= target }
                server.kill()
                try await blocking { for thread in threads where thread.wait(timeout: .now() + 60) != .success { throw WaitedInVain("the end of a client", .seconds(60)) } }
            }
            #expect(seen.withLock { $0 } > rounds, "the test played too little to mean anything")
            // One that is left alone until nothing is owed and nothing half done.
            let last = try ServerProcess(arguments: arguments, directory: directory)
            try await eventually("the wallet has what the journal says") {
                guard let journal = try Self.journal(directory) else { return false }
                for (player, moved) in journal {
                    let balance = try await Self.balance(player, wallet.port)
                    if balance != Self.funds + moved { return false }
                }
                return !journal.isEmpty
            }
            last.kill()
            let report = try SQLiteStore.verify(path: directory.appendingPathComponent("nightjar.sqlite").path)
            #expect(report.isSound && report.ledger == report.heads)
            let journal = try #require(try Self.journal(directory))
            #expect(journal.count == Self.players)
            for (player, moved) in journal {
                let balance = try await Self.balance(player, wallet.port)
                #expect(balance == Self.funds + moved, "\(player)")
            }
        }
    }

    /// The folders of a server with a platform that plays from the wallet.
    private static func prepare(_ directory: URL, wallet port: Int) throws -> [String] {
        let project = ServerProcess.root.path
        let scripts = directory.appendingPathComponent("Scripts")
        try FileManager.default.createDirectory(at: scripts, withIntermediateDirectories: true)
        for name in ["casino", "engines", "lib"] {
            try FileManager.default.copyItem(atPath: "\(project)/Scripts/\(name)", toPath: scripts.appendingPathComponent(name).path)
        }
        try """
            return { wallet = "remote", authenticate = function(c) return { uid = c.uid, profile = {} } end }
            """.write(to: scripts.appendingPathComponent("casino/platforms/house.lua"), atomically: true, encoding: .utf8)
        let config = directory.appendingPathComponent("config.json")
        try #"{"wallets":{"house":{"url":"http://127.0.0.1:\#(port)/wallet/","secret":"\#(secret)"}}}"#
            .write(to: config, atomically: true, encoding: .utf8)
        return [
            "--config", config.path, "--scripts", scripts.path, "--games", project + "/games", "--data-dir", directory.path, "--log-level", "critical",
            "--workers", "2",
        ]
    }

    /// Bets and ends rounds until the server is gone.
    private static func play(_ name: String, port: Int, _ acted: () -> Void) {
        do {
            let socket = try BlockingWebSocket(port: port, path: "/session/ws")
            try socket.send(#"{"auth":{"uid":"\#(name)","token":"here"},"platform":"house","site":"demo"}"#)
            _ = try socket.receive()
            try socket.send(#"{"t":"gameload","gameid":"joker_bingo"}"#)
            while true {
                let state = try socket.receiveObject()
                guard let game = state["gamestate"] as? [String: Any], let id = game["id"] as? String else { continue }
                acted()
                let action = game["name"] as? String == "idle" ? #""bet","params":{"amount":4}"# : #""end""#
                try socket.send(#"{"t":"action","action":\#(action),"sid":"\#(id)"}"#)
            }
        } catch {
            // The server was killed: the end of this player.
        }
    }

    /// What games have moved, by player; nil while something is owed or half done.
    private static func journal(_ directory: URL) throws -> [String: Int64]? {
        let database = try Database(path: directory.appendingPathComponent("nightjar.sqlite").path, access: .readOnly, lockWait: .seconds(5))
        defer { database.close() }
        let open = try database("SELECT (SELECT count(*) FROM outbox WHERE topic = 'wallet:house') + (SELECT count(*) FROM zset)")
        guard try open.step(), open.int(0) == 0 else { return nil }
        open.finish()
        var moved: [String: Int64] = [:]
        let rows = try database("SELECT head.user, journal.ledger FROM journal JOIN head ON head.account = journal.account")
        defer { rows.finish() }
        while try rows.step() {
            for entry in rows.text(1).split(separator: ";") where !entry.hasPrefix("wallet:") && !entry.hasPrefix("opening:") {
                moved[rows.text(0), default: 0] += entry.split(separator: ":").last.flatMap { Int64($0) } ?? 0
            }
        }
        return moved
    }

    private static func balance(_ player: String, _ port: Int) async throws -> Int64 {
        try await WalletProbe.with(url: "http://127.0.0.1:\(port)/wallet/", secret: Array(secret.utf8), timeoutMilliseconds: 5_000) { probe in
            let holder = WalletCall.Holder(player: player, currency: "CRE")
            guard case .accepted(let told) = await probe.send(.balance(id: "t-\(UUID().uuidString)", holder)).answer else { return -1 }
            return told.balance
        }
    }
}
