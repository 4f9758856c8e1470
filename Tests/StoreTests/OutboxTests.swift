@testable import Store
import NightjarTesting
import Testing

private func item(_ key: String, _ body: [UInt8] = []) -> OutboxItem { OutboxItem(topic: "rounds", key: key, body: body) }

@Suite struct OutboxTests {
    @Test(arguments: StoreKind.allCases)
    func itemsStayUntilAccepted(_ kind: StoreKind) async throws {
        let clock = ManualClock()
        try await withStore(kind, clock: clock) { store in
            _ = try await store.account(alice)
            var step = transition(version: 1)
            step.outbox = [item("r1", [1]), item("r2"), item("r1", [3])]
            _ = try await store.commit(step)
            _ = try await store.commit(step)
            let due = try await store.pending(now: clock.now)
            #expect(due.map(\.key) == ["r1", "r2"])
            #expect(due.map(\.body) == [[1], []])
            #expect(due.first?.realm == "demo")
            try await store.postpone(due[0].id, until: clock.now + 1_000)
            #expect(try await store.pending(now: clock.now).map(\.key) == ["r2"])
            #expect(try await store.pending(now: clock.now + 1_000).map(\.attempts) == [1, 0])
            #expect(try await store.pending(limit: 1, now: clock.now + 1_000).map(\.key) == ["r1"])
            for item in due { try await store.accept([item.id]) }
            try await store.accept([due[0].id])
            #expect(try await store.pending(now: .max).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func manyAreAcceptedAtOnceAndIdsNeverComeAgain(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await store.apply([.tell(realm: "demo", item("a")), .tell(realm: "demo", item("b"))])
            let first = try await store.pending(now: .max).map(\.id)
            #expect(first == first.sorted() && Set(first).count == 2)
            try await store.accept(first + first + [first[1] + 7])
            #expect(try await store.pending(now: .max).isEmpty)
            try await store.apply([.tell(realm: "demo", item("a"))])
            #expect(try await store.pending(now: .max).allSatisfy { $0.id > first[1] })
            await #expect(throws: StoreError(.tooLarge, "ids")) {
                try await store.accept(Array(repeating: 1, count: StoreLimits.rowsPerRead + 1))
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func eachTopicIsAskedForByItself(_ kind: StoreKind) async throws {
        let clock = ManualClock()
        try await withStore(kind, clock: clock) { store in
            try await store.apply(["a", "b", "c", "d"].map { key in
                .tell(realm: "demo", OutboxItem(topic: key < "c" ? "rounds" : "players", key: key, body: []))
            })
            #expect(try await store.pending(topic: "players", now: clock.now).map(\.key) == ["c", "d"])
            #expect(try await store.pending(topic: "rounds", limit: 1, now: clock.now).map(\.key) == ["a"])
            #expect(try await store.pending(topic: "sessions", now: clock.now).isEmpty)
            let first = try #require(try await store.pending(topic: "rounds", now: clock.now).first)
            try await store.postpone(first.id, until: clock.now + 1)
            #expect(try await store.pending(topic: "rounds", now: clock.now).map(\.key) == ["b"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func ofNewsThatReplaceOthersOnlyTheLatestWaits(_ kind: StoreKind) async throws {
        func news(_ body: [UInt8]) -> StoreChange {
            .tell(realm: "demo", OutboxItem(topic: "players", key: "ann", body: body, replaces: true))
        }
        try await withStore(kind) { store in
            try await store.apply([news([1]), .tell(realm: "demo", item("bob"))])
            let first = try #require(try await store.pending(now: .max).first)
            try await store.postpone(first.id, until: .max)
            try await store.apply([news([2, 2]), news([3])])
            #expect(try await store.pending(now: 1 << 60).map(\.body) == [[], [3]])
            // Who delivers the former one at this moment accepts that, not the new one.
            try await store.accept([first.id])
            let left = try await store.pending(topic: "players", now: .max)
            #expect(left.map(\.body) == [[3]] && left.allSatisfy { $0.id > first.id && $0.attempts == 0 })
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aBatchTellsWithItsChangesOrNotAtAll(_ kind: StoreKind) async throws {
        let key = StoreKey(realm: "demo", name: "k")
        try await withStore(kind) { store in
            try await store.apply([.set(key, [1]), .tell(realm: "demo", item("r1", [7])), .tell(realm: "other", item("r1", [8]))])
            #expect(try await store.pending(now: .max).map(\.realm) == ["demo", "other"])
            #expect(try await store.pending(now: .max).map(\.body) == [[7], [8]])
            let large = [UInt8](repeating: 0, count: StoreLimits.outboxBytes + 1)
            for bad in [StoreChange.tell(realm: "", item("r2")), .tell(realm: "demo", item("")), .tell(realm: "demo", item("r2", large))] {
                await #expect(throws: StoreError.self) { try await store.apply([.set(key, [2]), bad]) }
            }
            #expect(try await store.get(key)?.bytes == [1])
            #expect(try await store.pending(now: .max).count == 2)
        }
    }

    /// A change that cannot be told is not made; what tells nothing goes on.
    private func whatCannotBeToldIsNotDone(_ store: any Store) async throws {
        let key = StoreKey(realm: "demo", name: "k")
        _ = try await store.account(alice)
        var bet = transition(version: 1, [LedgerEntry(.bet, -4)])
        bet.outbox = [item("bet", [1])]
        guard case .unavailable(let error) = try await store.commit(bet) else {
            Issue.record("not refused")
            return
        }
        #expect(error.code == .busy)
        await #expect { try await store.apply([.set(key, [1]), .tell(realm: "demo", item("batch", [1]))]) } throws: {
            ($0 as? StoreError)?.code == .busy
        }
        #expect(try await store.get(key) == nil)
        #expect(try await store.account(alice).credits == 1_000)
        #expect(try await store.commit(transition(version: 1, game: nil)).outcome?.version == 2)
        let first = try #require(try await store.pending(limit: 1, now: .max).first)
        try await store.accept([first.id])
        bet.expectedVersion = 2
        #expect(try await store.commit(bet).outcome?.credits == 996)
    }

    @Test func aFullOutboxInMemoryRefuses() async throws {
        let store = MemoryStore()
        // Bodies of the largest size allowed: as many as may wait.
        let body = [UInt8](repeating: 0, count: StoreLimits.outboxBytes)
        let most = StoreLimits.pendingOutboxBytes / StoreLimits.outboxBytes
        for start in stride(from: 0, to: most, by: 4) {
            try await store.apply((start..<start + 4).map { .tell(realm: "demo", item("\($0)", body)) })
        }
        try await whatCannotBeToldIsNotDone(store)
        #expect(Rules.problem(inPending: StoreLimits.pendingOutboxInMemory - 1, adding: 2, most: StoreLimits.pendingOutboxInMemory)?.code == .busy)
    }

    @Test func aFullOutboxInAFileRefuses() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            var store = try openSQLite(path, pendingOutbox: 8)
            try await store.apply((0..<8).map { .tell(realm: "demo", item("\($0)")) })
            try await whatCannotBeToldIsNotDone(store)
            // One that stays, while many come and go, does not count for all of them; nor does a start.
            let kept = try #require(try await store.pending(now: .max).first).id
            for round in 0..<20 {
                let others = try await store.pending(now: .max).map(\.id).filter { $0 != kept }
                try await store.accept(others)
                if round == 10 {
                    await store.close()
                    store = try openSQLite(path, pendingOutbox: 8)
                }
                try await store.apply((0..<7).map { .tell(realm: "demo", item("again \(round) \($0)")) })
            }
            #expect(try await store.pending(now: .max).count == 8)
            await #expect { try await store.apply([.tell(realm: "demo", item("more"))]) } throws: { ($0 as? StoreError)?.code == .busy }
            await store.close()
        }
    }

    /// Ten million items are not counted again for each change that a full outbox refuses.
    @Test func aFullOutboxIsCountedOnce() throws {
        let database = try Database(path: "", access: .memory, lockWait: .zero)
        defer { database.close() }
        try Schema.prepare(database)
        let session = try WriteSession(database, clock: { 1_000 }, outboxMost: 3, faults: nil)
        let outbox = session.outbox
        func fill(_ key: String) throws { try outbox.add(item(key), realm: "demo", at: 1_000) }
        func refusal() throws -> StoreError.Code? { try outbox.problem(adding: [item("more")])?.code }
        try session.begin()
        for key in ["a", "b", "c"] { try fill(key) }
        try session.finish()
        for _ in 0..<5 {
            try session.begin()
            #expect(try refusal() == .busy)
            try session.finish()
        }
        #expect(outbox.counts == 1)
        // What comes and goes meanwhile is known without.
        try session.begin()
        try outbox.accept([2, 2, 7])
        #expect(try refusal() == nil)
        try fill("a")
        #expect(try refusal() == nil)
        try fill("d")
        #expect(try refusal() == .busy)
        #expect(outbox.counts == 1)
        // Only after a transaction that was undone nothing is certain.
        session.abort()
        try session.begin()
        #expect(try refusal() == .busy)
        #expect(outbox.counts == 2)
        try session.finish()
    }

    @Test func attemptsAndBoundsSurviveReopening() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let clock = ManualClock()
            var store = try openSQLite(path, clock: clock)
            try await store.apply([.tell(realm: "demo", item("a", [1])), .tell(realm: "demo", item("b", [2]))])
            let ids = try await store.pending(now: .max).map(\.id)
            try await store.postpone(ids[0], until: clock.now + 500)
            await store.close()
            store = try openSQLite(path, clock: clock)
            #expect(try await store.pending(now: clock.now).map(\.key) == ["b"])
            #expect(try await store.pending(now: clock.now + 500).map(\.attempts) == [1, 0])
            try await store.apply([.tell(realm: "demo", item("a", [9]))])
            #expect(try await store.pending(now: .max).map(\.body) == [[1], [2]])
            try await store.accept(ids)
            await store.close()
            store = try openSQLite(path, clock: clock)
            #expect(try await store.pending(now: .max).isEmpty)
            try await store.apply([.tell(realm: "demo", item("c"))])
            #expect(try await store.pending(now: .max).allSatisfy { $0.id > ids[1] })
            await store.close()
        }
    }
}
