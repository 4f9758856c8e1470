import Foundation
import Logging
import NIOCore
import NIOPosix
import NightjarTesting
import Store
import Testing

/// The stores that must behave alike.
enum StoreKind: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case memory
    case sqlite

    var testDescription: String { rawValue }
}

/// Loops for answers, shared by all tests.
let testLoops = MultiThreadedEventLoopGroup(numberOfThreads: 2)

/// A folder for one test, removed afterwards.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
}

func openSQLite(
    _ path: String, clock: ManualClock = ManualClock(), faults: StoreFaults? = nil, lockWait: Int64 = 1_000, companions: [String] = [],
    pendingOutbox: Int = StoreLimits.pendingOutbox
) throws -> SQLiteStore {
    var options = SQLiteStore.Options()
    options.clock = { clock.now }
    options.faults = faults
    options.lockWait = lockWait
    options.companions = companions
    options.pendingOutbox = pendingOutbox
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return try SQLiteStore(path: path, options: options, logger: logger)
}

/// Runs `body` on a new store of `kind`; a store in a file is checked afterwards.
func withStore(
    _ kind: StoreKind, clock: ManualClock = ManualClock(), faults: StoreFaults? = nil,
    _ body: (any Store) async throws -> Void
) async throws {
    switch kind {
    case .memory:
        try await body(MemoryStore(clock: { clock.now }, faults: faults))
    case .sqlite:
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path, clock: clock, faults: faults)
            do { try await body(store) } catch {
                await store.close()
                throw error
            }
            await store.close()
            try verify(path)
        }
    }
}

struct Unsound: Error, CustomStringConvertible {
    let description: String
}

/// Checks the store at `path`, as after a crash; throws what is wrong with it.
@discardableResult
func verify(_ path: String) throws -> StoreReport {
    let report = try SQLiteStore.verify(path: path)
    guard report.isSound else {
        throw Unsound(description: report.problems.map(\.description).joined(separator: "\n"))
    }
    return report
}

// MARK: The store's calls as async functions

private func answer<Value: Sendable>(
    _ call: (any EventLoop, @escaping StoreCallback<Value>) -> Void
) async throws -> Value {
    try await NightjarTesting.answer("an answer of the store") { call(testLoops.next(), $0) }.get()
}

extension Store {
    func commit(_ transition: Transition) async throws -> CommitResult {
        try await NightjarTesting.answer("the answer to a transition") { commit(transition, on: testLoops.next(), $0) }
    }

    func account(_ key: AccountKey, initialCredits: Int64 = 1_000) async throws -> Account {
        try await answer { account(key, initialCredits: initialCredits, on: $0, $1) }
    }

    func jackpots(realm: String = "demo", site: String = "local") async throws -> [Jackpot] {
        try await answer { jackpots(realm: realm, site: site, on: $0, $1) }
    }

    func openJackpots(_ openings: [JackpotOpening]) async throws -> [Jackpot] {
        try await answer { openJackpots(realm: "demo", openings, on: $0, $1) }
    }

    func user(_ uid: String, profile: String = "{}") async throws -> UserRecord {
        try await answer { user(realm: "demo", uid: uid, profile: profile, on: $0, $1) }
    }

    func userdata(_ user: String, site: String = "local") async throws -> String? {
        try await answer { userdata(realm: "demo", user: user, site: site, on: $0, $1) }
    }

    func setUserdata(_ user: String, site: String = "local", _ json: String) async throws {
        try await answer { setUserdata(realm: "demo", user: user, site: site, json: json, on: $0, $1) }
    }

    func lastGames(_ key: AccountKey, limit: Int = 10) async throws -> [JournalEntry] {
        try await answer { lastGames(key, limit: limit, on: $0, $1) }
    }

    func sums() async throws -> StoreSums {
        try await answer { sums(on: $0, $1) }
    }

    func journal(since seq: Int64 = 0, limit: Int = 10_000) async throws -> [JournalEntry] {
        try await answer { journal(since: seq, limit: limit, on: $0, $1) }
    }

    func get(_ key: StoreKey) async throws -> StoreValue? {
        try await answer { get(key, on: $0, $1) }
    }

    @discardableResult
    func set(
        _ key: StoreKey, _ value: String, ttl: Int64? = nil, ifVersion: Int64? = nil
    ) async throws -> WriteResult {
        try await answer { set(key, Array(value.utf8), ttl: ttl, ifVersion: ifVersion, on: $0, $1) }
    }

    @discardableResult
    func delete(_ key: StoreKey, ifVersion: Int64? = nil) async throws -> WriteResult {
        try await answer { delete(key, ifVersion: ifVersion, on: $0, $1) }
    }

    func increment(_ key: StoreKey, by amount: Int64 = 1, ttl: Int64? = nil) async throws -> Int64 {
        try await answer { increment(key, by: amount, ttl: ttl, on: $0, $1) }
    }

    @discardableResult
    func sortedAdd(_ key: StoreKey, _ members: [SortedMember]) async throws -> Int {
        try await answer { sortedAdd(key, members, on: $0, $1) }
    }

    func sortedRange(_ key: StoreKey, _ range: SortedRange) async throws -> [SortedMember] {
        try await answer { sortedRange(key, range, on: $0, $1) }
    }

    func sortedRemove(_ key: StoreKey, _ members: [String]) async throws -> Int {
        try await answer { sortedRemove(key, members, on: $0, $1) }
    }

    func sortedCount(_ key: StoreKey, scores: ClosedRange<Double>? = nil) async throws -> Int {
        try await answer { sortedCount(key, scores: scores, on: $0, $1) }
    }

    func apply(_ changes: [StoreChange]) async throws {
        try await answer { apply(changes, on: $0, $1) }
    }

    func pending(topic: String? = nil, limit: Int = 100, now: Int64) async throws -> [OutboxEntry] {
        try await answer { pending(topic: topic, limit: limit, now: now, on: $0, $1) }
    }

    func accept(_ ids: [Int64]) async throws {
        try await answer { accept(ids, on: $0, $1) }
    }

    func postpone(_ id: Int64, until nextAt: Int64) async throws {
        try await answer { postpone(id, until: nextAt, on: $0, $1) }
    }
}

// MARK: Transitions

let alice = AccountKey(realm: "demo", user: "alice", denom: "credit")
let joker = GameKey(site: "local", game: "joker")
let halloween = GameKey(site: "local", game: "halloween")

/// A transition of `ledger`'s entries, expecting `version`.
func transition(
    _ account: AccountKey = alice, version: Int64, _ ledger: [LedgerEntry] = [], id: StateID = .random(),
    game: GameKey? = joker, blob: String = "{}", openedAt: Int64 = 0
) -> Transition {
    var running: Int64 = 0
    var lowest: Int64 = 0
    for entry in ledger {
        running &+= entry.amount
        lowest = min(lowest, running)
    }
    let slot = game.map {
        SlotChange.set(GameSlot(key: $0, id: id, engineVersion: 3, openedAt: openedAt, blob: Array(blob.utf8)))
    }
    return Transition(
        account: account, id: id, expectedVersion: version, delta: running, lowest: lowest, slot: slot ?? .keep,
        body: Array(#"{"action":"bet"}"#.utf8), ledger: ledger)
}
