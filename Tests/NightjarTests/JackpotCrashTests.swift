import Bytes
import Foundation
import Logging
import NIOPosix
import NightjarTesting
import Store
import Synchronization
import Testing

/// Many players bet at once on a server with SQLite that is killed again and again: whatever became of it, every level's meters come to
/// its value, its reserve and its overflow, and the journal tells the same.
@Suite("Jackpots and kills", .serialized)
struct JackpotCrashTests {
    @Test("every level adds up after some thousand bets and a few kills", .timeLimit(.minutes(5)))
    func addsUp() async throws { try await bet(4_000, kills: 5, seed: 1) }

    @Test(
        "Soak: 100,000 bets at once, a hundred kills", .enabled(if: ProcessInfo.processInfo.environment["NIGHTJAR_SOAK"] != nil),
        .timeLimit(.minutes(60)))
    func soakAddsUp() async throws { try await bet(100_000, kills: 100, seed: 2) }

    private static let players = 16
    private static let multiplier: Int64 = 1_000

    private static let files = [
        "games/lots/manifest.json": #"{"id":"lots","settings":{"jackpot":"night"}}"#,
        // What two of the levels are won by happens in one bet of thirty, and of a hundred.
        "games/lots/engine.lua": """
            local M = { version = 1, actions = {} }
            local function idle() return { name = "idle", data = {}, actions = { "bet" } } end
            function M.init() return idle() end
            function M.actions.bet(_, params, ctx)
              ctx:debit(params.amount)
              ctx:contribute(params.amount)
              if ctx.random:integer(1, 30) == 1 then ctx:award("moons", params.amount) end
              if ctx.random:integer(1, 100) == 1 then ctx:award("bingo", params.amount) end
              return idle()
            end
            return M
            """,
        "sites/crash.json": """
            {"id":"crash","platform":"demo","denom":"credit","initial_credits":1000000000,"games":{"lots":{}},
            "jackpots":[{"id":"night","levels":[
              {"id":"mini","min":5000,"max":9000,"rate_bp":500,"hidden_rate_bp":100,"trigger":{"one_in":400}},
              {"id":"minor","min":5000,"max":20000,"rate_bp":500,"hidden_rate_bp":900,"trigger":{"must_hit_by":9000}},
              {"id":"major","min":20000,"max":40000,"rate_bp":1000,"hidden_rate_bp":300,"trigger":{"on":"moons"}},
              {"id":"grand","min":50000,"max":60000,"rate_bp":500,"qualifying_bet":5,"trigger":{"on":"bingo"}}]}]}
            """,
    ]

    private func bet(_ bets: Int, kills: Int, seed: UInt64) async throws {
        let files = try TestFiles(Self.files)
        let database = files.path("data") + "/nightjar.sqlite"
        var random = SplitMix(state: seed)
        let answered = Answered()
        for turn in 0...kills {
            let server = try ServerProcess(
                arguments: [
                    "--data-dir", files.path("data"), "--sites", files.path("sites"), "--games", files.path("games"), "--log-level", "error",
                    "--workers", "2",
                ], directory: files.url)
            // The last turn plays the rest; each turn before it about as much as the others.
            let left = bets - answered.count
            let share = left / (kills - turn + 1)
            let target = turn == kills ? left : share / 2 + Int(random.next() % UInt64(max(1, share)))
            let until = answered.count + target
            let players = (0..<Self.players).map { Betting("player-\($0)", port: server.port, seed: random.next(), answered) }
            try await eventually("\(until) bets", within: .seconds(600)) {
                answered.count >= until || !players.allSatisfy { $0.complaint == nil }
            }
            server.kill()
            for player in players { try await player.end() }
            #expect(players.compactMap(\.complaint).isEmpty, "turn \(turn): \(players.compactMap(\.complaint))")
            let report = try SQLiteStore.verify(path: database)
            #expect(report.isSound && report.ledger == report.heads, "turn \(turn): \(report.problems)")
            if !report.isSound { return }
        }
        try await expectSums(in: database, answered.ids)
        #expect(answered.count >= bets)
    }

    /// What the journal tells of a level.
    private struct Told {
        var contributed: Int64 = 0
        var hidden: Int64 = 0
        var awarded: Int64 = 0
        var wins: Int64 = 0
    }

    private func expectSums(in database: String, _ answered: [StateID]) async throws {
        let store = try SQLiteStore(path: database, logger: Logger(label: "test"))
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let jackpots = try await answer("the jackpots") { store.jackpots(realm: "demo", site: "crash", on: loop, $0) }.get()
        var told: [String: Told] = [:]
        var found: [StateID: Int] = [:]
        var seq: Int64 = 0, paid: Int64 = 0
        while true {
            let from = seq
            let entries = try await answer("the journal") { store.journal(since: from, limit: 1_000, on: loop, $0) }.get()
            guard let last = entries.last else { break }
            seq = last.seq
            for entry in entries {
                found[entry.id, default: 0] += 1
                paid += entry.ledger.filter { $0.kind == .jackpot }.reduce(0) { $0 + $1.amount }
                if !entry.body.isEmpty { try Self.read(entry.body, into: &told) }
            }
        }
        await store.close()
        #expect(Set(answered).count == answered.count && answered.allSatisfy { found[$0] == 1 }, "each answered bet stands in the journal once")
        #expect(jackpots.map(\.key.id).sorted() == ["night/grand", "night/major", "night/mini", "night/minor"])
        for jackpot in jackpots {
            let meters = jackpot.meters, sums = told[jackpot.key.id] ?? Told()
            let name: Comment = "\(jackpot.key.id)"
            #expect(
                meters.start + meters.contributed + meters.drawn + meters.seeded + meters.carried - meters.awarded - meters.overflowed
                    == jackpot.value, name)
            #expect(meters.hidden - meters.drawn == jackpot.reserve, name)
            #expect(meters.overflowed - meters.carried == jackpot.overflow, name)
            #expect(meters.start == 0 && jackpot.version > 0, name)
            #expect(sums.contributed == meters.contributed && sums.hidden == meters.hidden, name)
            #expect(sums.awarded == meters.awarded && sums.wins == jackpot.version, name)
        }
        #expect(paid * Self.multiplier == jackpots.reduce(0) { $0 + $1.meters.awarded })
        let all = jackpots.map(\.meters)
        #expect(all.contains { $0.drawn > 0 } && all.contains { $0.carried > 0 })
    }

    /// Adds the contributions and awards of an entry's steps.
    private static func read(_ body: [UInt8], into told: inout [String: Told]) throws {
        let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
        for step in object?["steps"] as? [[String: Any]] ?? [] {
            for effect in step["jackpots"] as? [[Any]] ?? [] {
                guard let id = effect.first as? String, let amount = effect.dropFirst().first as? Int64 else { continue }
                if effect.count == 3 {
                    told[id, default: Told()].contributed += amount
                    told[id, default: Told()].hidden += effect[2] as? Int64 ?? 0
                } else {
                    told[id, default: Told()].awarded += amount
                    told[id, default: Told()].wins += 1
                }
            }
        }
    }
}

/// Ids of the bets that were answered, from all players. Any thread.
private final class Answered: Sendable {
    private let state = Lock<[StateID]>([])

    var ids: [StateID] { state.withLock { $0 } }
    var count: Int { state.withLock { $0.count } }

    func add(_ id: StateID) { state.withLock { $0.append(id) } }
}

/// Bets as fast as the server answers, until it is gone. Any thread.
private final class Betting: Sendable {
    private let said = Lock<String?>(nil)
    private let ending = Letterbox<Void>("the end of a player")

    var complaint: String? { said.withLock { $0 } }

    init(_ name: String, port: Int, seed: UInt64, _ answered: Answered) {
        Thread.detachNewThread {
            try? self.play(name, port, seed, answered)
            self.ending.put(())
        }
    }

    func end() async throws { try await ending.next() }

    /// Ends when the server is gone, or when it answers something else than a state.
    private func play(_ name: String, _ port: Int, _ seed: UInt64, _ answered: Answered) throws {
        var random = SplitMix(state: seed)
        let socket = try BlockingWebSocket(port: port, path: "/session/ws")
        try socket.send(#"{"auth":{"uid":"\#(name)"},"platform":"demo","site":"crash"}"#)
        _ = try socket.receive()
        try socket.send(#"{"t":"gameload","gameid":"lots"}"#)
        var state = try socket.receiveObject()
        while true {
            guard let text = (state["gamestate"] as? [String: Any])?["id"] as? String, let id = StateID(text) else {
                return said.withLock { $0 = "unexpected answer: \(state)" }
            }
            let amount = 1 + random.next() % 20
            try socket.send(#"{"t":"action","action":"bet","params":{"amount":\#(amount)},"sid":"\#(id)"}"#)
            state = try socket.receiveObject()
            if let next = (state["gamestate"] as? [String: Any])?["id"] as? String, let next = StateID(next), next != id { answered.add(next) }
        }
    }
}
