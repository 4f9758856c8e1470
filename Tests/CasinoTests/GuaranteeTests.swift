import Foundation
import Logging
import NightjarTesting
import NIOPosix
import Synchronization
import Testing

@testable import Bytes
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload
@testable import Store

/// What README says that engines cannot break ("Games" of "What you can rely on"), sentence by sentence. Faults of the store are
/// in `HomeTests.anyStoreCallMayFailAndLeavesBeforeOrAfter`, sums and orders in `HomePropertyTests`.
@Suite(.serialized, .timeLimit(.minutes(2))) struct GuaranteeTests {
    /// An engine that tries what it must not.
    private static let engine = """
        local M = { version = 1, actions = {} }
        local function idle() return { name = "idle", data = {}, actions = { "try", "fair" } } end
        function M.init() return idle() end
        function M.actions.fair(_, _, ctx)
          ctx:debit(10)
          ctx:credit(4)
          return idle()
        end
        function M.actions.try(_, params, ctx)
          ctx:debit(10)
          ctx:credit(4)
          pcall(ctx.credit, ctx, params.amount)
          return idle()
        end
        return M
        """

    private func server(_ options: ServerOptions = .casino(), site: String = "") async throws -> TestServer {
        var options = options
        options.files["games/probe/manifest.json"] = #"{"id":"probe","settings":{"max_win":50}}"#
        options.files["games/probe/engine.lua"] = Self.engine
        options.files["Scripts/casino/sites/probe.json"] = #"{"id":"probe","initial_credits":100,\#(site)"games":{"probe":{},"blackjack":{}}}"#
        return try await TestServer(options)
    }

    @Test func aWinThatIsNoneEndsTheActionWithNothingChanged() async throws {
        let server = try await server(site: #""max_win":30,"#)
        let player = try server.session("u", site: "probe")
        _ = try player.load("probe")
        let entries = try await server.journal().count
        let sid = player.sid
        // The site's cap is 30, and 4 are paid already.
        for amount in ["1.5", "-1", "27", "1e30", "\"5\"", "null"] {
            try player.act("try", #"{"amount":\#(amount)}"#, sid: sid)
            var message = try player.receive()
            while message["which"] as? String == "engine" { message = try player.receive() }
            #expect(message["code"] as? String == "internal", "\(amount)")
            try player.state()
            #expect(player.credits == 100 && player.sid == sid, "\(amount)")
        }
        #expect(try await server.journal().count == entries)
        try player.act("try", #"{"amount":26}"#)
        try player.state()
        #expect(player.credits == 120)
        let last = try #require(try await server.journal().last)
        let record = try #require(JournalRecord(parsing: last.body))
        #expect(record.steps[0].marks == [.maxWin] && record.steps[0].outcome == .settled)
        await server.stop()
    }

    /// A source of chance that can fail.
    private final class UnsureSource: Sendable {
        enum State { case sound, refusing, stuck }
        let state = Lock(State.sound)

        func fill(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
            switch state.withLock({ $0 }) {
            case .sound: return Entropy.system.fill(bytes)
            case .refusing: return false
            case .stuck:
                bytes.initializeMemory(as: UInt8.self, repeating: 7)
                return true
            }
        }
    }

    @Test func withoutRandomNumbersNothingIsPlayed() async throws {
        let source = UnsureSource()
        var options = ServerOptions.casino()
        options.casino?.entropy = Entropy { source.fill($0) }
        let server = try await server(options)
        let player = try server.session("u", site: "probe")
        _ = try player.load("probe")
        for state in [UnsureSource.State.refusing, .stuck] {
            source.state.withLock { $0 = state }
            try player.act("fair")
            var message = try player.receive()
            while message["which"] as? String == "engine" { message = try player.receive() }
            #expect(message["code"] as? String == "internal")
            try player.state()
            #expect(player.credits == 100, "\(state)")
        }
        source.state.withLock { $0 = .sound }
        try player.act("fair")
        try player.state()
        #expect(player.credits == 94)
        await server.stop()
    }

    /// At one home; over sockets and loops in `SessionRaceTests`.
    @Test func ofTwoActionsOnOneStateOneHasAnEffectTenThousandTimes() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop, initialCredits: 100_000)
            let sessions = [home.attach("u"), home.attach("u")]
            for session in sessions {
                home.command(session, .load(game: "toss_up"))
                _ = home.heard(session)
            }
            var generator = Seeded(5)
            var effects = 0
            for n in 0..<10_000 {
                let sid = try #require(home.stateID(sessions[0]))
                for session in sessions.shuffled(using: &generator) {
                    let command = SessionCommand.action(name: n % 2 == 0 ? "bet" : "end", params: Array(#"{"amount":1}"#.utf8), sid: sid)
                    home.loop.receive(.command(UserKey(realm: "demo", user: "u"), session, command))
                }
                home.settle()
                let heard = sessions.map { home.heard($0) }
                let stale = heard.joined().count { $0 == "error stale_state" }
                if stale != 1 { Issue.record("try \(n): \(heard)") }
                effects += home.stateID(sessions[0]) != sid ? 1 : 0
            }
            #expect(effects == 10_000)
            // A bet of 1 is answered by a win of 2.
            #expect(home.sums()?.heads == Int64(105_000))
        }
    }

    @Test func whatIsPrivateIsInNoMessageAndNoLogAndSurvivesARestart() async throws {
        let folder = TestFolder()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let path = folder.path + "/store.sqlite"
        var store = try SQLiteStore(path: path, logger: logger)
        var options = ServerOptions.casino()
        options.folder = folder
        options.store = store
        var server = try await server(options)
        var player = try server.session("u", site: "probe")
        var told = ""
        func hear() throws -> [String: Any] {
            let message = try player.receive()
            told += String(decoding: try JSONSerialization.data(withJSONObject: message), as: UTF8.self)
            return message
        }
        func play(_ action: String, _ params: String = "{}") throws -> [String: Any] {
            try player.act(action, params)
            return try hear()
        }
        _ = try player.load("blackjack")
        var state: [String: Any] = [:]
        for _ in 0..<200 where state.gameName != "playing" { state = try play("deal", #"{"amount":2}"#) }
        #expect(state.gameName == "playing")
        let account = AccountKey(realm: "demo", user: "u", denom: "credit")
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let slot = try #require(try await answer("the account") { store.account(account, initialCredits: 0, on: loop, $0) }.get().active)
        let hidden = String(decoding: slot.hidden, as: UTF8.self)
        #expect(hidden.contains("hole") && hidden.contains("deck"))
        let dealer = try #require(state.data["dealer"] as? [String])
        #expect(dealer.count == 2 && dealer[1] == "🂠")
        // What is refused or fails tells no more, in the page of a developer neither.
        #expect(try play("deal", #"{"amount":2}"#)["code"] as? String == "action_not_allowed")
        _ = try hear()
        let log = server.log.all.map(\.description)
        await server.stop()
        await store.close()

        store = try SQLiteStore(path: path, logger: logger)
        options.store = store
        server = try await self.server(options)
        player = try server.session("u", site: "probe")
        _ = try player.load("blackjack")
        state = try play("stand")
        let hole = try #require((try JSONSerialization.jsonObject(with: Data(slot.hidden)) as? [String: Any])?["hole"] as? String)
        #expect((state.data["dealer"] as? [String])?[1] == hole, "the card that was face down")
        for _ in 0..<40 {
            state = try play("deal", #"{"amount":2}"#)
            if state.gameName == "playing" { state = try play("stand") }
        }
        for word in ["private", "deck", "hole"] {
            #expect(!told.contains(word), "\(word)")
            #expect(!(log + server.log.all.map(\.description)).contains { $0.contains("\"\(word)\"") }, "\(word)")
        }
        let journal = try await server.journal()
        await server.stop()
        // The journal has it, so that the rounds can be played again to the byte.
        #expect(journal.contains { String(decoding: $0.body, as: UTF8.self).contains("\"private\":") })
        await store.close()
        let history = try JournalHistory(path: path)
        let replayer = Replayer(history, registry: HostRegistry(StandardModules(store: MemoryStore()).list() + [EngineModule()]))
        defer { replayer.close() }
        let odd = try journal.map { try replayer.replay(try #require(try history.entry($0.seq))) }.filter { $0.verdict != .equal && $0.verdict != .nothingToRun }
        #expect(odd.isEmpty, "\(odd.map { "\($0.seq): \($0.verdict)" })")
    }

    /// An engine learns of the balance only what its manifest says it reads, and nothing at all of other players or rounds.
    @Test func engineIsBlindToTheBalanceUnlessItsManifestSaysOtherwise() async throws {
        for (manifest, isAllowed) in [(#"{"id":"probe"}"#, false), (#"{"id":"probe","reads":["credits"]}"#, true)] {
            var options = ServerOptions.casino()
            options.files["games/probe/manifest.json"] = manifest
            options.files["games/probe/engine.lua"] = """
                local M = { version = 1, actions = {} }
                function M.init() return { name = "idle", data = {}, actions = { "x" } } end
                function M.actions.x(_, _, ctx)
                  local _, credits = pcall(function() return ctx.credits end)
                  return { name = "idle", data = { credits = credits }, actions = { "x" } }
                end
                return M
                """
            options.files["Scripts/casino/sites/probe.json"] = #"{"id":"probe","initial_credits":100,"games":{"probe":{}}}"#
            options.debug = false
            let server = try await TestServer(options)
            let player = try server.session("u", site: "probe")
            _ = try player.load("probe")
            try player.act("x")
            if isAllowed {
                #expect(try player.state().data["credits"] as? Int == 100)
            } else {
                #expect(try player.error() == "internal")
            }
            await server.stop()
        }
    }
}
