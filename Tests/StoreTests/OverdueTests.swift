import NIOPosix
import NightjarTesting
@testable import Store
import Testing

/// Which accounts have a round open for too long.
@Suite struct OverdueTests {
    private func all(_ store: any Store, before moment: Int64, limit: Int = 100) async throws -> [String] {
        var users: [String] = []
        var cursor: Int64? = 0
        while let after = cursor {
            let page = try await withCheckedThrowingContinuation { continuation in
                store.overdue(openedBefore: moment, after: after, limit: limit, on: testLoops.next()) { continuation.resume(with: $0) }
            }
            users += page.accounts.map(\.user)
            #expect(page.next == nil || page.next! > after)
            cursor = page.next
        }
        return users.sorted()
    }

    private func account(_ n: Int) -> AccountKey { AccountKey(realm: "demo", user: "user \(n)", denom: "credit") }

    @Test(arguments: StoreKind.allCases)
    func activeAndParkedRoundsAreFoundAndEndedOnesAreNot(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            for n in 0..<6 { _ = try await store.account(account(n)) }
            _ = try await store.commit(transition(account(0), version: 1, openedAt: 50))
            _ = try await store.commit(transition(account(1), version: 1, openedAt: 100))
            _ = try await store.commit(transition(account(2), version: 1, openedAt: 0))
            // Put aside with its round open.
            _ = try await store.commit(transition(account(3), version: 1, openedAt: 40))
            var other = transition(account(3), version: 2, game: halloween)
            other.displaces = true
            _ = try await store.commit(other)
            // Ended.
            _ = try await store.commit(transition(account(4), version: 1, openedAt: 40))
            _ = try await store.commit(transition(account(4), version: 2, openedAt: 0))
            let found = try await all(store, before: 100)
            // The page may name what has ended meanwhile, never leave one out.
            #expect(Set(found).isSuperset(of: ["user 0", "user 3"]) && Set(found).isSubset(of: ["user 0", "user 3", "user 4"]))
            #expect(found.count == Set(found).count)
            #expect(try await all(store, before: 40) == [])
            #expect(try await all(store, before: 101).contains("user 1"))
        }
    }

    /// Heads that are written and such that are still in the journal alone, and pages of any size.
    @Test func pagesLeaveNobodyOut() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            var store = try openSQLite(path)
            for n in 0..<40 {
                _ = try await store.account(account(n))
                _ = try await store.commit(transition(account(n), version: 1, openedAt: n % 3 == 0 ? 7 : 0))
            }
            let wanted = Set((0..<40).filter { $0 % 3 == 0 }.map { "user \($0)" })
            // Heads may be written between two pages; then an account is named twice, which does no harm.
            for limit in [1, 2, 5, 100] { #expect(Set(try await all(store, before: 8, limit: limit)) == wanted, "\(limit), written behind") }
            await store.close()  // which writes the heads
            store = try openSQLite(path)
            for limit in [1, 2, 5, 100] { #expect(Set(try await all(store, before: 8, limit: limit)) == wanted, "\(limit)") }
            // One that is open only since.
            _ = try await store.commit(transition(account(1), version: 2, openedAt: 7))
            #expect(Set(try await all(store, before: 8)) == wanted.union(["user 1"]))
            await store.close()
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aPageHasAtLeastOneAccount(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            await #expect(throws: StoreError.self) { _ = try await all(store, before: 1, limit: 0) }
        }
    }
}
