import NightjarTesting
import Store
import Testing

private let first = StoreKey(realm: "demo", name: "first")
private let second = StoreKey(realm: "demo", name: "second")
private let order = StoreKey(realm: "demo", name: "order")

@Suite struct BatchTests {
    @Test(arguments: StoreKind.allCases)
    func changesAreMadeInTheirOrder(_ kind: StoreKind) async throws {
        let clock = ManualClock()
        try await withStore(kind, clock: clock) { store in
            try await store.set(second, "old")
            try await store.apply([
                .set(first, Array("1".utf8)), .set(first, Array("2".utf8)), .delete(second), .delete(second),
                .add(order, SortedMember("a", 1)), .add(order, SortedMember("b", 2)), .add(order, SortedMember("a", 3)),
                .remove(order, member: "none"),
            ])
            #expect(try await store.get(first)?.bytes == Array("2".utf8))
            #expect(try await store.get(second) == nil)
            let members = try await store.sortedRange(order, SortedRange(.rank(from: 0, through: -1), limit: 10))
            #expect(members.map(\.member) == ["b", "a"])
            try await store.apply([.set(second, [], ttl: 50), .remove(order, member: "a"), .remove(order, member: "b")])
            #expect(try await store.sortedCount(order) == 0)
            #expect(try await store.get(second)?.bytes == [])
            clock.advance(50)
            #expect(try await store.get(second) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aBatchThatCannotBeMadeChangesNothing(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let good = StoreChange.set(first, Array("1".utf8))
            let large = [UInt8](repeating: 0, count: StoreLimits.valueBytes + 1)
            let refused: [[StoreChange]] = [
                [good, .set(second, large)],
                [good, .set(second, [], ttl: 0)],
                [good, .add(order, SortedMember("a", .nan))],
                [good, .add(order, SortedMember("", 1))],
                [good, .remove(order, member: "")],
                [good, .delete(StoreKey(realm: "demo", name: ""))],
                Array(repeating: good, count: StoreLimits.writesPerBatch + 1),
                Array(repeating: .set(second, large.dropLast()), count: StoreLimits.batchBytes / StoreLimits.valueBytes + 1),
            ]
            for changes in refused {
                await #expect(throws: StoreError.self) { try await store.apply(changes) }
                #expect(try await store.get(first) == nil)
            }
            try await store.apply([])
        }
    }

    @Test func aFailingStatementUndoesTheWholeBatch() async throws {
        let faults = StoreFaults()
        try await withStore(.sqlite, faults: faults) { store in
            // After the first change has been made.
            faults.fail(.statement, at: 2)
            await #expect(throws: StoreError.self) {
                try await store.apply([.set(first, [1]), .add(order, SortedMember("a", 1)), .set(second, [2])])
            }
            #expect(try await store.get(first) == nil)
            #expect(try await store.sortedCount(order) == 0)
            try await store.apply([.set(first, [1]), .add(order, SortedMember("a", 1)), .set(second, [2])])
            #expect(try await store.get(second)?.bytes == [2])
        }
    }
}
