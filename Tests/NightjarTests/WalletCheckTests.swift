import Foundation
import NightjarTesting
import Testing

@testable import Nightjar

/// `nightjar wallet check` against the example wallet, and against such as it must find out.
@Suite("Wallet check")
struct WalletCheckTests {
    private static let project = TestFolder.project(of: #filePath)

    private static func wallet(_ file: String = "rules.lua", without text: String = "", with other: String = "") throws -> ServerOptions {
        var options = ServerOptions()
        options.copies = ["Scripts/wallet": project + "/Scripts/examples/wallet", "Scripts/lib": project + "/Scripts/lib"]
        guard !text.isEmpty else { return options }
        // What is spoiled has no specs that would keep it from loading.
        options.copies = ["Scripts/lib": project + "/Scripts/lib"]
        for name in ["main.lua", "books.lua", "rules.lua", "settings.lua", "signature.lua"] {
            var source = try String(contentsOfFile: "\(project)/Scripts/examples/wallet/\(name)", encoding: .utf8)
            if name == file {
                try #require(source.contains(text), "the example wallet has changed: \(text)")
                source = source.replacingOccurrences(of: text, with: other)
            }
            options.files["Scripts/wallet/\(name)"] = source
        }
        return options
    }

    private final class Lines: @unchecked Sendable {  // under its lock
        private let lock = NSLock()
        private var list: [String] = []
        func add(_ line: String) { lock.withLock { list.append(line) } }
        var all: [String] { lock.withLock { list } }
        var failed: [String] { all.filter { $0.hasPrefix("FAIL") } }
    }

    private func check(_ options: ServerOptions, player: String = "kim", token: String = "kim-is-here") async throws -> Lines {
        let lines = Lines()
        try await withTestServer(options) { server in
            _ = try await WalletProbe.with(
                url: "http://127.0.0.1:\(server.port)/wallet", secret: Array("a secret for trying out the wallet".utf8), timeoutMilliseconds: 5_000
            ) { probe in
                await WalletTrial(probe: probe, player: WalletTrial.Player(id: player, token: token, currency: "CRE"), say: { lines.add($0) }).run()
            }
        }
        return lines
    }

    @Test("the example wallet is as it should be, with a player who has much and one who has little")
    func example() async throws {
        for (player, token) in [("kim", "kim-is-here"), ("lee", "any")] {
            let lines = try await check(Self.wallet(), player: player, token: token)
            #expect(lines.failed.isEmpty)
            #expect(lines.all.count { $0.hasPrefix("ok") } == WalletCases.all.count + 1)
            #expect(lines.all.last == "The wallet is as it should be: \(WalletCases.all.count + 1) cases.")
        }
    }

    @Test("there are at least twenty cases, concurrent ones among them")
    func enough() {
        #expect(WalletCases.all.count >= 30)
        #expect(Set(WalletCases.all.map(\.title)).count == WalletCases.all.count)
        #expect(WalletCases.all.count { $0.title.hasPrefix("at once") } >= 4)
    }

    @Test("a wallet that breaks a rule is found out", arguments: [
        ("rules.lua", "if entry then\n    if entry.rolled_back", "if entry and entry.rolled_back then\n    if entry.rolled_back", "comes again counts once"),
        ("rules.lua", "entry_id = call.debit,\n      entry", "entry_id = call.id,\n      entry", "never came"),
        ("rules.lua", "if player.balance < call.amount then", "if player.balance < call.amount and player.balance < 5 then", "above the balance"),
        ("rules.lua", "debit.call ~= \"debit\" or ", "", "a credit cannot be rolled back"),
        ("rules.lua", "math.type(call.amount) ~= \"integer\" or ", "type(call.amount) ~= \"number\" or ", "not whole numbers"),
        ("rules.lua", "not wanted or nightjar.crypto.equal(call.token, tostring(wanted))", "true", "token that is not the player's"),
        ("rules.lua", "insufficient_funds = 402", "insufficient_funds = 400", "above the balance"),
        ("signature.lua", "M.CLOCK_MAX = 300 * 1000", "M.CLOCK_MAX = 3000 * 1000", "ten minutes ago"),
        ("signature.lua", "if not crypto.equal(right, given) then", "if #given ~= #right then", "another secret"),
        ("books.lua", "while busy[player] do", "while false do", "at once"),
    ])
    func spoiled(_ file: String, _ text: String, _ other: String, _ title: String) async throws {
        let lines = try await check(Self.wallet(file, without: text, with: other))
        #expect(lines.failed.contains { $0.contains(title) }, "\(lines.failed)")
    }

    @Test("without an answer nothing is tried but the first call")
    func away() async throws {
        let lines = try await check(Self.wallet(), token: "wrong")
        #expect(lines.all.count == 2 && lines.failed.count == 1 && lines.failed[0].contains("auth_failed"))
    }
}
