import NightjarTesting
import Store
import Testing

/// A store in memory takes as many bytes as it may, and tells who wants more.
@Suite struct FullTests {
    private let clock = ManualClock()

    private func store() -> MemoryStore { MemoryStore(clock: { clock.now }, bytes: 10_000) }
    private func key(_ number: Int) -> StoreKey { StoreKey(realm: "demo", name: "k\(number)") }
    private let kilobyte = String(repeating: "x", count: 1_000)

    private func isFull(_ body: () async throws -> Void) async throws -> Bool {
        do {
            try await body()
            return false
        } catch let error as StoreError {
            guard error.code == .full else { throw error }
            return true
        }
    }

    /// Writes until it is refused; how many were taken.
    private func fill(_ store: MemoryStore, ttl: Int64? = nil) async throws -> Int {
        for number in 0..<100 where try await isFull({ try await store.set(key(number), kilobyte, ttl: ttl) }) { return number }
        Issue.record("it never was full")
        return 0
    }

    @Test func itIsFullAndSaysSo() async throws {
        let store = store()
        let count = try await fill(store)
        #expect(count > 4 && count < 10, "an entry costs more than its value, and not too much")
        #expect(try await isFull { try await store.set(key(200), kilobyte) })
        #expect(try await isFull { try await store.sortedAdd(key(201), [SortedMember(kilobyte.prefix(500).description, 1)]) })
        #expect(try await store.get(key(0))?.bytes.count == 1_000, "what was taken stays")
    }

    @Test func whatIsReplacedMakesRoom() async throws {
        let store = store()
        let count = try await fill(store)
        try await store.set(key(0), kilobyte)
        try await store.set(key(0), "small")
        #expect(try await isFull { try await store.set(key(0), kilobyte + kilobyte + kilobyte) })
        try await store.set(key(0), kilobyte)
        try await store.delete(key(count - 1))
        try await store.set(key(300), kilobyte)
        #expect(try await isFull { try await store.set(key(301), kilobyte) })
    }

    @Test func whatExpiresMakesRoom() async throws {
        let store = store()
        _ = try await fill(store, ttl: 1_000)
        clock.advance(1_000)
        _ = try await fill(store)
    }

    @Test func membersCount() async throws {
        let store = store()
        var count = 0
        while try await !isFull({ try await store.sortedAdd(key(0), [SortedMember("m\(count)", Double(count))]) }) { count += 1 }
        #expect(count > 10 && count < 100)
        try await store.sortedAdd(key(0), [SortedMember("m0", 7)])
        #expect(try await store.sortedRemove(key(0), ["m1", "never there"]) == 1)
        try await store.sortedAdd(key(0), [SortedMember("again", 1)])
        #expect(try await isFull { try await store.sortedAdd(key(0), [SortedMember("more", 1)]) })
    }

    @Test func aBatchIsTakenWholeOrNotAtAll() async throws {
        let store = store()
        let changes = (0..<20).map { StoreChange.set(key($0), Array(kilobyte.utf8), ttl: nil) }
        #expect(try await isFull { try await store.apply(changes) })
        #expect(try await store.get(key(0)) == nil)
        try await store.apply(Array(changes.prefix(4)))
        #expect(try await store.get(key(3)) != nil)
    }
}
