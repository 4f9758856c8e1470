import Bytes
import Foundation
import Logging
import NIOPosix
import NightjarTesting
import Store
import Synchronization
import Testing

/// Kills the server under load, again and again on the same data: what was acknowledged must be there, exactly once.
@Suite("Crash recovery", .serialized)
struct CrashRecoveryTests {
    static let players = 8

    @Test("every acknowledged action survives SIGKILL exactly once", .timeLimit(.minutes(5)))
    func survivesKills() async throws {
        try await killRepeatedly(rounds: 30, seed: 1)
    }

    @Test(
        "Soak: a thousand kills", .enabled(if: ProcessInfo.processInfo.environment["NIGHTJAR_SOAK"] != nil), .timeLimit(.minutes(60)))
    func soakThousandKills() async throws {
        try await killRepeatedly(rounds: 1_000, seed: 2)
    }

    private func killRepeatedly(rounds: Int, seed: UInt64) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("nightjar-crash-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let database = directory.appendingPathComponent("nightjar.sqlite").path
        let sites = try Self.makeSite(in: directory)

        var random = SplitMix(state: seed)
        let acknowledged = Acknowledged()
        for round in 0..<rounds {
            let server = try ServerProcess(
                arguments: ["--data-dir", directory.path, "--sites", sites, "--log-level", "error", "--workers", "2"],
                // A back office that never answers: what it is to hear stays in the outbox.
                environment: ["NIGHTJAR_RGS_BASE": "http://127.0.0.1:1/rgs-api/"], directory: directory)
            let target = acknowledged.count + 1 + Int(random.next() % 120)
            let players = (0..<Self.players).map { Player(name: "player-\($0)", port: server.port, acknowledged: acknowledged) }
            let threads = players.map { player in
                let done = DispatchSemaphore(value: 0)
                let thread = Thread {
                    player.play()
                    done.signal()
                }
                thread.start()
                return done
            }
            try await blocking { acknowledged.wait(until: target) }
            server.kill()
            try await blocking { try threads.forEach { thread in
                guard thread.wait(timeout: .now() + 60) == .success else { throw WaitedInVain("the end of a client", .seconds(60)) }
            } }
            for player in players { #expect(player.complaint == nil, "round \(round): \(player.complaint ?? "")") }
            // All of the journal each time would take most of a long run. What is damaged stays so, and the server looks at the end of
            // the journal at each start.
            guard round < 30 || round % 20 == 0 || round == rounds - 1 else { continue }
            let report = try SQLiteStore.verify(path: database)
            #expect(report.isSound, "round \(round): \(report.problems)")
            #expect(report.ledger == report.heads)
            if !report.isSound { return }
        }
        try await Self.expectAll(acknowledged.ids, in: database)
    }

    /// Every acknowledged id stands in the journal once, and every round that has ended in the outbox.
    private static func expectAll(_ ids: [String], in database: String) async throws {
        let store = try SQLiteStore(path: database, logger: Logger(label: "test"))
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        var found: [String: Int] = [:]
        var opened: Set<String> = []
        var reported: [String] = []
        var seq: Int64 = 0
        while true {
            let from = seq
            let entries = try await answer("the journal") { store.journal(since: from, limit: 1_000, on: loop, $0) }.get()
            guard let last = entries.last else { break }
            for entry in entries {
                found[entry.id.description, default: 0] += 1
                if entry.opensRound { opened.insert(entry.id.description) }
            }
            seq = last.seq
        }
        while true {
            let items = try await answer("the outbox") { store.pending(topic: "casino:rounds", limit: 1_000, now: .max, on: loop, $0) }.get()
            if items.isEmpty { break }
            reported += items.map(\.key)
            _ = try await answer("that they are taken") { store.accept(items.map(\.id), on: loop, $0) }.get()
        }
        let jackpots = try await answer("the jackpots") { store.jackpots(realm: "demo", site: "crash", on: loop, $0) }.get()
        await store.close()
        #expect(jackpots.count == 3 && jackpots.allSatisfy { $0.fault == nil && $0.meters.contributed > 0 })
        #expect(Set(reported).count == reported.count && opened.isSuperset(of: reported), "a round is told once, and only if it was played")
        #expect(opened.count - reported.count <= players, "each player has left one round open at most")
        #expect(Set(ids).count == ids.count, "a state id was acknowledged twice")
        let lost = ids.filter { found[$0] == nil }
        #expect(lost.isEmpty, "\(lost.count) of \(ids.count) acknowledged actions are not in the journal")
        #expect(!found.contains { $0.value > 1 })
        #expect(ids.count > 100, "the test played too little to mean anything")
    }

    /// A site where nobody runs out of credits.
    private static func makeSite(in directory: URL) throws -> String {
        let sites = directory.appendingPathComponent("sites")
        try FileManager.default.createDirectory(at: sites, withIntermediateDirectories: true)
        // Jackpots that are won again and again: their sums are checked whenever the store is, with all else.
        let site = """
            {"id":"crash","platform":"demo","denom":"credit","initial_credits":1000000000,"games":{"joker_bingo":{"jackpot":"night"}},
            "jackpots":[{"id":"night","levels":[
              {"id":"mini","min":5000,"max":9000,"rate_bp":500,"hidden_rate_bp":100,"trigger":{"one_in":100}},
              {"id":"minor","min":5000,"max":20000,"rate_bp":500,"hidden_rate_bp":900,"trigger":{"must_hit_by":8000}},
              {"id":"grand","min":5000,"max":6000,"rate_bp":100,"trigger":{"on":"bingo"}}]}]}
            """
        try site.write(to: sites.appendingPathComponent("crash.json"), atomically: true, encoding: .utf8)
        return sites.path
    }
}

/// What the server has acknowledged so far, from all players.
private final class Acknowledged: Sendable {
    private let state = Lock<[String]>([])
    private let changed = NSCondition()

    var ids: [String] { state.withLock { $0 } }
    var count: Int { state.withLock { $0.count } }

    func add(_ id: String) {
        state.withLock { $0.append(id) }
        changed.lock()
        changed.broadcast()
        changed.unlock()
    }

    /// Blocks until there are `target`, or nothing has come for 20 s.
    func wait(until target: Int) {
        changed.lock()
        defer { changed.unlock() }
        while count < target {
            guard changed.wait(until: Date(timeIntervalSinceNow: 20)) else { return }
        }
    }
}

/// Bets and ends rounds as fast as the server answers, until it is gone. Used by one thread.
private final class Player: @unchecked Sendable {
    // `complaint` is written by the player's thread and read after that thread has ended.
    private let name: String
    private let port: Int
    private let acknowledged: Acknowledged
    private(set) var complaint: String?

    init(name: String, port: Int, acknowledged: Acknowledged) {
        self.name = name
        self.port = port
        self.acknowledged = acknowledged
    }

    func play() {
        do {
            let socket = try BlockingWebSocket(port: port, path: "/session/ws")
            try socket.send(#"{"auth":{"uid":"\#(name)"},"platform":"demo","site":"crash"}"#)
            _ = try socket.receive()
            try socket.send(#"{"t":"gameload","gameid":"joker_bingo"}"#)
            var state = try socket.receiveObject()
            while true {
                guard let game = state["gamestate"] as? [String: Any], let id = game["id"] as? String, let name = game["name"] as? String
                else {
                    complaint = "unexpected answer: \(state)"
                    return
                }
                let action = name == "idle" ? #""bet","params":{"amount":4}"# : #""end""#
                try socket.send(#"{"t":"action","action":\#(action),"sid":"\#(id)"}"#)
                state = try socket.receiveObject()
                if let next = (state["gamestate"] as? [String: Any])?["id"] as? String, next != id { acknowledged.add(next) }
            }
        } catch {
            // The server was killed: the end of this player.
        }
    }
}

/// A small seeded generator, so that a failing run can be repeated.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
