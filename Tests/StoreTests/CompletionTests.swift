import Bytes
import NIOCore
import NIOPosix
import NightjarTesting
import Store
import Synchronization
import Testing

/// What has come back, in order. Written on one loop, read when all is there.
private final class Arrivals: Sendable {
    private let state = Lock<(names: [String], inside: Bool, nested: Int)>(([], false, 0))
    private let expected: Int
    private let done: @Sendable () -> Void

    init(_ expected: Int, _ done: @escaping @Sendable () -> Void) {
        self.expected = expected
        self.done = done
    }

    var names: [String] { state.withLock { $0.names } }
    /// Answers that came while a call was being made.
    var nested: Int { state.withLock { $0.nested } }

    func note(_ name: String) {
        let isLast = state.withLock {
            $0.names.append(name)
            if $0.inside { $0.nested += 1 }
            return $0.names.count == expected
        }
        if isLast { done() }
    }

    func calling(_ body: () -> Void) {
        state.withLock { $0.inside = true }
        body()
        state.withLock { $0.inside = false }
    }
}

/// One request and its name.
private struct Asked: Sendable {
    typealias Ask = @Sendable (any EventLoop, @escaping @Sendable () -> Void) -> Void
    let name: String
    let ask: Ask

    init(_ name: String, _ ask: @escaping Ask) {
        self.name = name
        self.ask = ask
    }
}

/// Answers are always later, and in the order of the requests.
@Suite(.timeLimit(.minutes(1))) struct CompletionTests {
    /// Makes `requests` on one loop, in one turn, and answers how they came back.
    private func arrivals(
        _ requests: [Asked]
    ) async throws -> Arrivals {
        let loop = testLoops.next()
        let all = Letterbox<Void>("the answers to all requests")
        let arrivals = Arrivals(requests.count) { all.put(()) }
        loop.execute {
            for request in requests {
                arrivals.calling { request.ask(loop) { arrivals.note(request.name) } }
            }
        }
        try await all.next()
        return arrivals
    }

    private let key = StoreKey(realm: "demo", name: "k")

    @Test(arguments: StoreKind.allCases)
    func noAnswerComesInsideItsCallAndChangesKeepTheirOrder(_ kind: StoreKind) async throws {
        let key = key
        let tooLarge = String(repeating: "x", count: StoreLimits.blobBytes + 1)
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            var requests: [Asked] = []
            for round in 0..<40 {
                requests += [
                    Asked("account \(round)", { loop, done in store.account(alice, initialCredits: 1, on: loop) { _ in done() } }),
                    Asked("commit \(round)", { loop, done in store.commit(transition(version: Int64(round + 1)), on: loop) { _ in done() } }),
                    // A contradiction keeps its place too.
                    Asked("refused \(round)", { loop, done in
                        store.commit(transition(version: 1, blob: tooLarge), on: loop) { _ in done() }
                    }),
                    Asked("set \(round)", { loop, done in store.set(key, [1], ttl: nil, ifVersion: nil, on: loop) { _ in done() } }),
                    Asked("ttl \(round)", { loop, done in store.set(key, [1], ttl: 0, ifVersion: nil, on: loop) { _ in done() } }),
                    Asked("batch \(round)", { loop, done in
                        store.apply([.tell(realm: "demo", OutboxItem(topic: "t", key: "\(round)", body: []))], on: loop) { _ in done() }
                    }),
                    Asked("accept \(round)", { loop, done in store.accept([Int64(round)], on: loop) { _ in done() } }),
                ]
            }
            let arrived = try await arrivals(requests)
            #expect(arrived.nested == 0)
            #expect(arrived.names == requests.map(\.name))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func readsOfOneKindKeepTheirOrder(_ kind: StoreKind) async throws {
        let key = key
        try await withStore(kind) { store in
            for isLong in [false, true] {
                var requests: [Asked] = []
                for round in 0..<40 {
                    requests += isLong
                        ? [
                            Asked("journal \(round)", { loop, done in store.journal(since: 0, limit: 1, on: loop) { _ in done() } }),
                            Asked("refused \(round)", { loop, done in store.lastGames(alice, limit: 0, on: loop) { _ in done() } }),
                            Asked("pending \(round)", { loop, done in store.pending(topic: nil, limit: 1, now: 0, on: loop) { _ in done() } }),
                        ]
                        : [
                            Asked("get \(round)", { loop, done in store.get(key, on: loop) { _ in done() } }),
                            Asked("refused \(round)", { loop, done in store.get(StoreKey(realm: "", name: ""), on: loop) { _ in done() } }),
                            Asked("jackpots \(round)", { loop, done in store.jackpots(realm: "demo", site: "local", on: loop) { _ in done() } }),
                        ]
                }
                let arrived = try await arrivals(requests)
                #expect(arrived.nested == 0)
                #expect(arrived.names == requests.map(\.name))
            }
        }
    }

    /// A caller that asks again in each answer would nest 100,000 frames if answers came inside the calls.
    @Test(arguments: StoreKind.allCases)
    func askingAgainInTheAnswerDoesNotNest(_ kind: StoreKind) async throws {
        let rounds = kind == .memory ? 100_000 : 2_000
        let key = key
        try await withStore(kind) { store in
            @Sendable func ask(_ left: Int, _ loop: any EventLoop, _ done: @escaping @Sendable () -> Void) {
                if left == 0 { return done() }
                store.get(key, on: loop) { _ in ask(left - 1, loop, done) }
            }
            try await answer("the last of the answers") { done in ask(rounds, testLoops.next()) { done(()) } }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aClosedStoreAnswersLaterToo(_ kind: StoreKind) async throws {
        let key = key
        try await withStore(kind) { store in
            await store.close()
            let arrived = try await arrivals((0..<10).map { round in
                Asked("\(round)", { loop, done in store.set(key, [1], ttl: nil, ifVersion: nil, on: loop) { _ in done() } })
            })
            #expect(arrived.nested == 0)
            #expect(arrived.names == (0..<10).map { "\($0)" })
        }
    }
}
