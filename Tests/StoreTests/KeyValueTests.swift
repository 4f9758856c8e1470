import NightjarTesting
import Store
import Testing

private let key = StoreKey(realm: "demo", name: "party:1")

@Suite struct KeyValueTests {
    @Test(arguments: StoreKind.allCases)
    func valuesAreKeptAndReplaced(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            #expect(try await store.get(key) == nil)
            try await store.set(key, "one")
            #expect(try await store.get(key)?.bytes == Array("one".utf8))
            try await store.set(key, "")
            #expect(try await store.get(key)?.bytes == [])
            #expect(try await store.get(StoreKey(realm: "other", name: "party:1")) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func compareAndSetNeedsTheVersionSeen(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            guard case .written(let first) = try await store.set(key, "1", ifVersion: 0) else {
                Issue.record("not written")
                return
            }
            #expect(try await store.set(key, "2", ifVersion: 0) == .mismatch(actual: first))
            #expect(try await store.set(key, "2", ifVersion: first + 7) == .mismatch(actual: first))
            guard case .written(let second) = try await store.set(key, "2", ifVersion: first) else {
                Issue.record("not written")
                return
            }
            #expect(second > first)
            #expect(try await store.delete(key, ifVersion: first) == .mismatch(actual: second))
            #expect(try await store.delete(key, ifVersion: second) == .written(version: 0))
            #expect(try await store.delete(key) == .mismatch(actual: 0))
            guard case .written(let third) = try await store.set(key, "3", ifVersion: 0) else {
                Issue.record("not written")
                return
            }
            #expect(third > second)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func expiryIsExactAtReading(_ kind: StoreKind) async throws {
        let clock = ManualClock()
        try await withStore(kind, clock: clock) { store in
            try await store.set(key, "x", ttl: 100)
            #expect(try await store.get(key)?.expiresAt == clock.now + 100)
            clock.advance(99)
            #expect(try await store.get(key) != nil)
            clock.advance(1)
            #expect(try await store.get(key) == nil)
            #expect(try await store.delete(key) == .mismatch(actual: 0))
            guard case .written = try await store.set(key, "y", ifVersion: 0) else {
                Issue.record("an expired entry is in the way")
                return
            }
            clock.advance(1_000_000)
            #expect(try await store.get(key)?.expiresAt == nil)
            #expect(try await store.get(key)?.bytes == Array("y".utf8))
            await #expect(throws: StoreError.self) { try await store.set(key, "z", ttl: 0) }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func countersAreExactAndBounded(_ kind: StoreKind) async throws {
        let clock = ManualClock()
        try await withStore(kind, clock: clock) { store in
            #expect(try await store.increment(key, by: 5, ttl: 100) == 5)
            clock.advance(50)
            #expect(try await store.increment(key, by: -7, ttl: 100) == -2)
            #expect(try await store.get(key)?.bytes == Array("-2".utf8))
            clock.advance(50)
            #expect(try await store.increment(key, by: 1) == 1)
            try await store.set(key, "9223372036854775807")
            await #expect(throws: StoreError(.overflow)) { try await store.increment(key) }
            try await store.set(key, "seven")
            await #expect(throws: StoreError(.notInteger)) { try await store.increment(key) }
            #expect(try await store.get(key)?.bytes == Array("seven".utf8))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func parallelIncrementsLoseNothing(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let answers = try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<200 { group.addTask { try await store.increment(key) } }
                return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
            }
            #expect(answers == Set(1...200))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func namesAndSizesAreBounded(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for bad in [
                StoreKey(realm: "", name: "x"), StoreKey(realm: "demo", name: ""), StoreKey(realm: "a}b", name: "x"),
                StoreKey(realm: "demo", name: "a\0b"),
                StoreKey(realm: "demo", name: String(repeating: "x", count: StoreLimits.nameBytes + 1)),
            ] {
                await #expect(throws: StoreError.self) { try await store.get(bad) }
                await #expect(throws: StoreError.self) { try await store.set(bad, "x") }
            }
            try await store.set(key, String(repeating: "x", count: StoreLimits.valueBytes))
            await #expect(throws: StoreError(.tooLarge, "value")) {
                try await store.set(key, String(repeating: "x", count: StoreLimits.valueBytes + 1))
            }
        }
    }

    private func names(_ store: any Store, _ range: SortedRange) async throws -> [String] {
        try await store.sortedRange(key, range).map(\.member)
    }

    @Test(arguments: StoreKind.allCases)
    func sortedSetsAreOrderedByScoreThenMember(_ kind: StoreKind) async throws {
        try await withStore(kind) { (store: any Store) async throws in
            let members = [
                SortedMember("b", 2), SortedMember("a", 2), SortedMember("z", -.infinity), SortedMember("c", 10.5),
                SortedMember("\u{E9}", 2),
            ]
            #expect(try await store.sortedAdd(key, members) == 5)
            #expect(try await store.sortedAdd(key, [SortedMember("c", 1)]) == 0)
            #expect(try await names(store, SortedRange(.rank(from: 0, through: -1))) == ["z", "c", "a", "b", "\u{E9}"])
            #expect(try await names(store, SortedRange(.rank(from: 0, through: 1), descending: true)) == ["\u{E9}", "b"])
            #expect(try await names(store, SortedRange(.rank(from: -2, through: 99))) == ["b", "\u{E9}"])
            #expect(try await names(store, SortedRange(.rank(from: 3, through: 1))) == [])
            #expect(try await names(store, SortedRange(.score(from: 1, through: 2), limit: 2)) == ["c", "a"])
            #expect(try await names(store, SortedRange(.score(from: 2, through: 1))) == [])
            #expect(try await store.sortedCount(key) == 5)
            #expect(try await store.sortedCount(key, scores: 1...2) == 4)
            #expect(try await store.sortedRemove(key, ["a", "nobody", "z"]) == 2)
            #expect(try await names(store, SortedRange(.rank(from: 0, through: -1))) == ["c", "b", "\u{E9}"])
            await #expect(throws: StoreError.self) { try await store.sortedAdd(key, [SortedMember("n", .nan)]) }
        }
    }
}
