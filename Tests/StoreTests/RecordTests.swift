import NightjarTesting
import Store
import Testing

@Suite struct RecordTests {
    private let pot = JackpotKey(site: "local", id: "jp")

    @Test(arguments: StoreKind.allCases)
    func contributionsAddUpToTheMaximum(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            for version in Int64(1)...3 {
                var step = transition(version: version)
                step.jackpots = [
                    .contribute(pot, amount: 40, minimum: 100, maximum: 250),
                    .contribute(pot, amount: 20, minimum: 100, maximum: 250),
                ]
                #expect(try await store.commit(step).outcome != nil)
            }
            #expect(try await store.jackpots() .map { [$0.value, $0.version] } == [[250, 0]])
            #expect(try await store.jackpots(site: "other").isEmpty)
            #expect(try await store.jackpots(realm: "facebook").isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aTakeNeedsTheVersionItWasComputedFrom(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            var feed = transition(version: 1)
            feed.jackpots = [.contribute(pot, amount: 1_234, minimum: 1_000, maximum: 9_000)]
            _ = try await store.commit(feed)
            var take = transition(version: 2, [LedgerEntry(.jackpot, 2)])
            take.jackpots = [.take(pot, expectedVersion: 0, amount: 2_000, minimum: 1_000, maximum: 9_000)]
            #expect(try await store.commit(take) == .committed(credits: 1_002, version: 3))
            #expect(try await store.jackpots() .map { [$0.value, $0.version] } == [[1_234, 1]])
            var again = transition(version: 3, [LedgerEntry(.jackpot, 1)])
            again.jackpots = [.take(pot, expectedVersion: 0, amount: 1_000, minimum: 1_000, maximum: 9_000)]
            let head = try await store.account(alice)
            #expect(try await store.commit(again) == .conflict(actual: head))
            again.jackpots = [.take(pot, expectedVersion: 1, amount: 1_235, minimum: 1_000, maximum: 9_000)]
            #expect(try await store.commit(again) == .conflict(actual: head))
            #expect(try await store.jackpots() .map { [$0.value, $0.version] } == [[1_234, 1]])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func userdataIsPartOfTheTransition(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            #expect(try await store.userdata("alice") == nil)
            var refused = transition(version: 1, [LedgerEntry(.bet, -5_000)])
            refused.userdata = UserdataPatch(site: "local", json: #"{"level":9}"#)
            _ = try await store.commit(refused)
            #expect(try await store.userdata("alice") == nil)
            var step = transition(version: 1)
            step.userdata = UserdataPatch(site: "local", json: #"{"level":2}"#)
            _ = try await store.commit(step)
            #expect(try await store.userdata("alice") == #"{"level":2}"#)
            try await store.setUserdata("alice", #"{"level":3}"#)
            #expect(try await store.userdata("alice") == #"{"level":3}"#)
            #expect(try await store.userdata("alice", site: "other") == nil)
            await #expect(throws: StoreError(.tooLarge, "user data")) {
                try await store.setUserdata("alice", String(repeating: "x", count: StoreLimits.userdataBytes + 1))
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aUserIsRegisteredOnce(_ kind: StoreKind) async throws {
        let clock = ManualClock()
        try await withStore(kind, clock: clock) { store in
            let first = try await store.user("uid-1", profile: #"{"name":"A"}"#)
            #expect(first.isNew)
            #expect(first.created == clock.now)
            clock.advance(10)
            let second = try await store.user("uid-1", profile: #"{"name":"B"}"#)
            #expect(!second.isNew)
            #expect(second.id == first.id)
            #expect(second.created == first.created)
            #expect(second.profile == #"{"name":"B"}"#)
            #expect(try await store.user("uid-2").id != first.id)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func lastGamesGoesBackAsManyRoundsAsAskedFor(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let bob = AccountKey(realm: "demo", user: "bob", denom: "credit")
            _ = try await store.account(alice)
            _ = try await store.account(bob)
            for version in Int64(1)...30 {
                var step = transition(version: version, [LedgerEntry(.bet, -1)])
                step.opensRound = version % 2 == 1
                _ = try await store.commit(step)
                _ = try await store.commit(transition(bob, version: version))
            }
            let games = try await store.lastGames(alice, limit: 10)
            #expect(games.map(\.version) == Array((12...31).reversed()))
            #expect(games.allSatisfy { $0.account == alice })
            #expect(games.last?.opensRound == true)
            #expect(try await store.lastGames(alice, limit: 100).count == 31)
            #expect(try await store.lastGames(AccountKey(realm: "demo", user: "no", denom: "credit")).isEmpty)
            await #expect(throws: StoreError.self) { try await store.lastGames(alice, limit: 0) }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theJournalIsReadInPieces(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            for version in Int64(1)...20 { _ = try await store.commit(transition(version: version)) }
            var seen: [Int64] = []
            while true {
                let piece = try await store.journal(since: seen.last ?? 0, limit: 6)
                if piece.isEmpty { break }
                #expect(piece.count <= 6)
                seen += piece.map(\.seq)
            }
            #expect(seen == Array(1...21))
        }
    }
}
