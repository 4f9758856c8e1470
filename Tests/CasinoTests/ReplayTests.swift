import Foundation
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Bytes
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload
@testable import NightjarTesting
@testable import Store

/// The journal is run again after the server has gone, in the engines and with the settings of its time.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ReplayTests {
    /// A game of two files, so that a change of either makes another engine.
    private static let files = [
        "games/climb/manifest.json": #"{"id":"climb","settings":{"steps":3,"prize":5}}"#,
        "games/climb/rules.lua": """
            local M = {}
            function M.height(random, settings) return random:integer(1, settings.steps) end
            return M
            """,
        "games/climb/engine.lua": """
            local rules = require "rules"
            local M = { version = 1, actions = {} }
            local function at(height, now) return { name = "at", data = { height = height, now = now }, actions = { "up", "twice" } } end
            function M.init(settings, ctx) return at(rules.height(ctx.random, settings), ctx.now) end
            function M.actions.up(state, params, ctx)
              ctx:debit(1)
              local height = state.data.height + rules.height(ctx.random, ctx.settings) + (params.more or 0)
              if height % 2 == 0 then ctx:credit(ctx.settings.prize) end
              return at(height, ctx.now)
            end
            function M.actions.twice(state, params, ctx)
              ctx:step(M.actions.up(state, params, ctx))
              return M.actions.up(state, params, ctx)
            end
            return M
            """,
        "Scripts/casino/sites/hill.json": #"{"id":"hill","initial_credits":500,"games":{"climb":{},"joker_bingo":{}}}"#,
    ]

    /// Everything that is played: actions with all engines and settings, a migration, an engine of several games that changes, a game
    /// left and begun again, a round that nobody ends, three players.
    private func play(_ server: TestServer, _ clock: ManualClock) async throws -> [[String: Any]] {
        var seen: [[String: Any]] = []
        let player = try server.session("climber", site: "hill")
        let other = try server.session("other", site: "hill")
        func act(_ session: WireSession, _ action: String, _ params: String = "{}") async throws {
            try session.act(action, params)
            let before = session.sid
            var message = try session.receive()
            while message["t"] as? String != "state" || session.sid == before { message = try session.receive() }
            if session === player { seen.append(message.game ?? [:]) }
            if action == "twice", session === player { seen.append(try session.state().game ?? [:]) }
        }
        seen.append(try player.load("climb").game ?? [:])
        _ = try other.load("joker_bingo")
        try await act(player, "up")
        try await act(player, "twice", #"{"more":2}"#)
        try await act(other, "bet", #"{"amount":8}"#)

        try server.folder.edit("Scripts/casino/sites/hill.json") { $0.replacingOccurrences(of: #""climb":{}"#, with: #""climb":{"steps":9,"prize":2}"#) }
        try await server.reload()
        try await act(player, "up")
        // The engine that the bingo games share.
        try server.folder.edit("Scripts/engines/bingo.lua") { "-- Another one.\n" + $0 }
        try await server.reload()
        try await act(other, "extra")

        // Another file of the engine changes, without a new version.
        try server.folder.edit("games/climb/rules.lua") { $0.replacingOccurrences(of: "settings.steps)", with: "settings.steps) * 10") }
        try await server.reload()
        try await act(player, "up")

        // A new shape of the state.
        try server.folder.edit("games/climb/engine.lua") {
            $0.replacingOccurrences(of: "version = 1", with: "version = 2").replacingOccurrences(of: "\nreturn M", with: """

                function M.migrate(from, state, settings)
                  state.data.height = state.data.height * 1000 + settings.prize
                  state.data.from = from
                  return state
                end
                return M
                """)
        }
        try await server.reload()
        try await act(player, "up", #"{"more":1}"#)
        try await act(player, "twice")
        try player.send(#"{"t":"gamefinish"}"#)
        var message = try player.receive()
        while message["t"] as? String != "state" { message = try player.receive() }
        seen.append(try player.load("climb").game ?? [:])
        try await act(player, "up")
        try await act(other, "end")

        // A round that is left open is ended when its player comes back after a day.
        let late = try server.session("late", site: "hill")
        _ = try late.load("joker_bingo")
        try await act(late, "bet", #"{"amount":8}"#)
        clock.advance(25 * 60 * 60 * 1_000)
        _ = try server.session("late", site: "hill")
        return seen
    }

    @Test(arguments: [1, 3])
    func journalRunsAgainAfterReloadsAMigrationAndARestart(workers: Int) async throws {
        let folder = TestFolder()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let played = try SQLiteStore(path: folder.path + "/store.sqlite", logger: logger)
        var options = ServerOptions.casino()
        let clock = ManualClock()
        options.clock = clock
        options.workers = workers
        options.folder = folder
        options.store = played
        options.files.merge(Self.files) { _, new in new }
        let server = try await TestServer(options)
        let seen = try await play(server, clock)
        await server.stop()
        await played.close()
        // Nothing is left of the files that were played with.
        for name in ["Scripts", "games"] { folder.remove(name) }

        let store = try SQLiteStore(path: folder.path + "/store.sqlite", logger: logger)
        let journal = try await Self.journal(store)
        let events = journal.map { JournalEvent(parsing: $0.body) }
        let engines = Set(events.compactMap { event -> ContentID? in
            if case .call(let record) = event, record.place.game == "climb" { record.engine } else { nil }
        })
        #expect(engines.count == 3)
        let shared = Set(events.compactMap { event -> ContentID? in
            if case .call(let record) = event, record.place.game == "joker_bingo" { record.engine } else { nil }
        })
        #expect(shared.count == 2)
        #expect(events.count { if case .call(let record) = $0 { record.operation == .timeout } else { false } } == 1)
        #expect(events.count { if case .migration = $0 { true } else { false } } == 1)
        #expect(events.count { if case .finished = $0 { true } else { false } } == 1)

        await store.close()
        var history = try JournalHistory(path: folder.path + "/store.sqlite")
        let entries = try Self.entries(history)
        #expect(entries.map(\.entry) == journal)
        let results = try Self.replay(entries, history)
        let odd = results.filter { $0.verdict != .equal && $0.verdict != .nothingToRun }
        #expect(odd.isEmpty, "\(odd.map { "\($0.seq): \($0.verdict)" })")
        #expect(results.count { $0.verdict == .equal } == 17)

        // What the player saw is what comes out, and the stored state is the same bytes.
        let climber = zip(journal, results).filter { $0.0.account.user == "climber" && !events[Int($0.0.seq) - 1].isMigration }.flatMap(\.1.states)
        #expect(climber.count == seen.count)
        for (state, shown) in zip(climber, seen) {
            let object = try JSONSerialization.jsonObject(with: Data(state)) as? [String: Any]
            #expect(NSDictionary(dictionary: object ?? [:]) == NSDictionary(dictionary: shown))
        }
        guard case .set(let slot) = entries.last(where: { $0.entry.account.user == "climber" })?.slot else {
            Issue.record("no state")
            return
        }
        #expect(slot.blob == climber.last)

        // In any order, and when most of it lies in archives.
        #expect(try Self.replay(entries.reversed(), history).reversed().map(\.verdict) == results.map(\.verdict))
        var archiver = try Archiver(path: folder.path + "/store.sqlite", folder: folder.path + "/archive")
        archiver.bounds = Archiver.Bounds(fileEntries: 7, fileEntriesMin: 1, fileBytes: 1 << 20, keptEntries: 2, deletedRows: 5, pause: 0)
        let archived = try archiver.run(before: .max) { _ in }
        #expect(archived.lastSeq == Int64(journal.count) - 2 && archived.files.count > 2)
        history = try JournalHistory(path: folder.path + "/store.sqlite")
        #expect(try Self.entries(history) == entries)
        #expect(try Self.replay(entries, history).map(\.verdict) == results.map(\.verdict))
    }

    @Test func whatDiffersOrIsMissingIsTold() async throws {
        let folder = TestFolder()
        let store = try SQLiteStore(path: folder.path + "/store.sqlite", logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        var options = ServerOptions.casino()
        options.workers = 1
        options.folder = folder
        options.store = store
        options.files.merge(Self.files) { _, new in new }
        // So many heights that two keys do not give the same one.
        options.files["Scripts/casino/sites/hill.json"] = #"{"id":"hill","games":{"climb":{"steps":1000000000000}}}"#
        let server = try await TestServer(options)
        let player = try server.session("u", site: "hill")
        _ = try player.load("climb")
        for _ in 0..<3 {
            try player.act("up")
            try player.state()
        }
        await server.stop()
        await store.close()
        let history = try JournalHistory(path: folder.path + "/store.sqlite")
        let entries = try Self.entries(history)
        func verdicts(_ entries: [HistoryEntry], _ contents: JournalContents? = nil) throws -> [Replayer.Verdict] {
            try Self.replay(entries, history, contents).map(\.verdict)
        }
        #expect(try verdicts(entries) == [.nothingToRun, .equal, .equal, .equal, .equal])

        // Another balance: nothing but the entry's own words would show it.
        let richer = Self.changed(entries, at: 2) { $0.replacingOccurrences(of: "\"credits_after\":", with: "\"credits_after\":1") }
        #expect(try verdicts(richer)[2] == .different("the entry would be written otherwise"))
        // Another key: other numbers. What follows starts from what was stored, and is as it was.
        let other = Self.changed(entries, at: 2) { text in
            let start = text.range(of: "\"key\":\"")!.upperBound
            return text.replacingCharacters(in: start..<text.index(start, offsetBy: 2), with: text[start] == "0" ? "11" : "00")
        }
        #expect(try verdicts(other).suffix(3) == [.different("states, effects or draws are not those of the entry"), .equal, .equal])
        // Another state beside an entry that is as it was.
        var stored = entries
        guard case .set(var slot) = stored[2].slot else {
            Issue.record("no state")
            return
        }
        slot.blob = Array(String(decoding: slot.blob, as: UTF8.self).replacingOccurrences(of: "\"height\":", with: "\"height\":1").utf8)
        stored[2] = HistoryEntry(entry: stored[2].entry, slot: .set(slot), previous: stored[2].previous)
        #expect(try verdicts(stored)[2] == .different("the state that was stored is another one"))
        // Without the engine, and without the beginning.
        guard case .notReplayable(let reason) = try verdicts(entries, JournalContents { _ in nil })[1] else {
            Issue.record("replayed without an engine")
            return
        }
        #expect(reason.contains("is not in the store"))
        let orphan = HistoryEntry(entry: entries[2].entry, slot: entries[2].slot, previous: 0)
        #expect(try verdicts([orphan]) == [.notReplayable("the state that it starts from is not in the journal")])
    }

    /// An entry as the release before this one has written it.
    @Test func entriesFromBeforeEnginesWereKeptCanStillBeRead() throws {
        let body = Array(#"""
            {"op":"action","action":"bet","params":{"amount":4},"game":"joker_bingo","site":"demo","generation":3,"engine_version":1,"state_version":1,"settings":"0f1e2d3c4b5a6978","now":1700000000000,"steps":[{"id":"82f304a9-8fd6-4c29-a513-e084b8769df9","effects":[["bet",-4]],"key":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","draws":30,"fingerprint":"00000000000000ff"}],"credits_before":1000,"credits_after":996}
            """#.utf8)
        let record = try #require(JournalRecord(parsing: body))
        #expect(record.engine == nil)
        #expect(record.settings == .fingerprint(0x0F1E_2D3C_4B5A_6978))
        #expect(record.operation == .action("bet", params: Array(#"{"amount":4}"#.utf8)))
        #expect(record.steps.first?.effects == [LedgerEntry(.bet, -4)])
        #expect(record.steps.first?.fingerprint == 0xFF)
    }

    @Test func contentsAreKeptOncePerContent() async throws {
        var options = ServerOptions.casino()
        options.workers = 2
        let server = try await TestServer(options)
        var keys: Set<ContentID> = []
        for round in 0..<4 {
            let player = try server.session("u\(round)")
            _ = try player.load("joker_bingo")
            try player.act("bet", #"{"amount":4}"#)
            try player.state()
        }
        for entry in try await server.journal() {
            guard let record = JournalRecord(parsing: entry.body) else { continue }
            keys.insert(try #require(record.engine))
            if case .content(let id) = record.settings { keys.insert(id) }
        }
        #expect(keys.count == 2)
        await server.stop()
    }

    @Test func contentNamesAreTheBeginningOfTheSHA256() throws {
        #expect(ContentID(of: Array("abc".utf8)).description == "ba7816bf8f01cfea414140de5dae2223")
        #expect(ContentID("ba7816bf8f01cfea414140de5dae2223") == ContentID(of: Array("abc".utf8)))
        #expect(ContentID("ba78") == nil)
        let main = EngineContent.File(module: "", chunk: "games/a/engine.lua", source: Array("return 1".utf8))
        let modules = ["b", "a"].map { EngineContent.File(module: $0, chunk: "games/a/\($0).lua", source: Array("return '\($0)'".utf8)) }
        let content = EngineContent(main: main, modules: modules)
        let sources = Dictionary(uniqueKeysWithValues: content.files.map { ($0.id, $0.source) })
        let again = try #require(EngineContent(index: content.index) { sources[$0] })
        #expect(again == content)
        #expect(again.files == content.files)
        #expect(again.files.map(\.module) == ["", "a", "b"])
        // One byte of one file makes another engine, and a file that is not what its name says makes none.
        let other = EngineContent(main: main, modules: [modules[0], EngineContent.File(module: "a", chunk: "games/a/a.lua", source: Array("return 'A'".utf8))])
        #expect(other.id != content.id)
        #expect(EngineContent(index: content.index) { _ in Array("return 2".utf8) } == nil)
        #expect(EngineContent(index: Array("{}".utf8)) { sources[$0] } == nil)
    }

    // MARK: Helpers

    static let registry = HostRegistry(StandardModules(store: MemoryStore()).list() + [EngineModule()])

    private static func journal(_ store: any Store) async throws -> [JournalEntry] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        return try await answer("the journal") { store.journal(since: 0, limit: 10_000, on: loop, $0) }.get()
    }

    private static func entries(_ history: JournalHistory) throws -> [HistoryEntry] {
        var entries: [HistoryEntry] = []
        try history.forEach {
            entries.append($0)
            return true
        }
        return entries
    }

    private static func replay(
        _ entries: [HistoryEntry], _ history: JournalHistory, _ contents: JournalContents? = nil
    ) throws -> [Replayer.Result] {
        let replayer = Replayer(history, contents: contents ?? JournalContents { try history.value($0) }, registry: registry)
        defer { replayer.close() }
        return try entries.map { try replayer.replay($0) }
    }

    private static func changed(_ entries: [HistoryEntry], at index: Int, _ change: (String) -> String) -> [HistoryEntry] {
        var entries = entries
        let old = entries[index].entry
        let new = JournalEntry(
            seq: old.seq, account: old.account, id: old.id, at: old.at, kind: old.kind, opensRound: old.opensRound, version: old.version,
            delta: old.delta, credits: old.credits, ledger: old.ledger, body: Array(change(String(decoding: old.body, as: UTF8.self)).utf8))
        entries[index] = HistoryEntry(entry: new, slot: entries[index].slot, previous: entries[index].previous)
        return entries
    }
}

extension JournalEvent? {
    fileprivate var isMigration: Bool { if case .migration = self { true } else { false } }
}

extension TestServer {
    /// Takes over changed scripts and sites.
    func reload() async throws {
        _ = try await reloadEvents()
        await casino?.refreshSites()
    }
}
