import NIOCore
import NIOPosix
import NightjarTesting
import Store
import Testing

@Suite struct TransitionTests {
    @Test(arguments: StoreKind.allCases)
    func firstUseOpensTheAccountOnce(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let first = try await store.account(alice, initialCredits: 1_000)
            #expect(first == Account(key: alice, credits: 1_000, version: 1))
            #expect(try await store.account(alice, initialCredits: 5) == first)
            let journal = try await store.journal()
            #expect(journal.count == 1)
            #expect(journal.first?.kind == .opening)
            #expect(journal.first?.ledger == [LedgerEntry(.opening, 1_000)])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func commitChangesHeadAndJournalTogether(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            let step = transition(version: 1, [LedgerEntry(.bet, -4), LedgerEntry(.win, 6)], blob: #"{"a":1}"#, openedAt: 77)
            #expect(try await store.commit(step) == .committed(credits: 1_002, version: 2))
            let account = try await store.account(alice)
            #expect(account.credits == 1_002)
            #expect(account.version == 2)
            #expect(account.active == GameSlot(key: joker, id: step.id, engineVersion: 3, openedAt: 77, blob: Array(#"{"a":1}"#.utf8)))
            let entry = try #require(try await store.journal(since: 1).first)
            #expect(entry.id == step.id)
            #expect(entry.account == alice)
            #expect(entry.body == step.body)
            #expect(entry.ledger == step.ledger)
            #expect(entry.credits == 1_002)
            #expect(entry.version == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func keepLeavesAndClearRemovesTheActiveGame(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            let first = transition(version: 1)
            _ = try await store.commit(first)
            _ = try await store.commit(transition(version: 2, game: nil))
            #expect(try await store.account(alice).active?.id == first.id)
            var last = transition(version: 3, game: nil)
            last.slot = .clear
            #expect(try await store.commit(last).outcome?.version == 4)
            #expect(try await store.account(alice).active == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func staleVersionIsAConflictThatShowsTheHead(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            _ = try await store.commit(transition(version: 1, [LedgerEntry(.bet, -4)]))
            let head = try await store.account(alice)
            #expect(try await store.commit(transition(version: 1, [LedgerEntry(.bet, -4)])) == .conflict(actual: head))
            #expect(try await store.commit(transition(version: 3, [LedgerEntry(.bet, -4)])) == .conflict(actual: head))
            #expect(try await store.account(alice) == head)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func balanceMustCoverEveryStep(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice, initialCredits: 10)
            let tooMuch = transition(version: 1, [LedgerEntry(.bet, -11)])
            #expect(try await store.commit(tooMuch) == .refused(.insufficient))
            let tooMuchFirst = transition(version: 1, [LedgerEntry(.bet, -11), LedgerEntry(.win, 20)])
            #expect(try await store.commit(tooMuchFirst) == .refused(.insufficient))
            #expect(try await store.account(alice) == Account(key: alice, credits: 10, version: 1))
            #expect(try await store.journal().count == 1)
            let all = transition(version: 1, [LedgerEntry(.bet, -10)])
            #expect(try await store.commit(all) == .committed(credits: 0, version: 2))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func balanceNeverLeavesSixtyFourBits(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice, initialCredits: .max - 1)
            #expect(try await store.commit(transition(version: 1, [LedgerEntry(.win, 2)])) == .refused(.overflow))
            let between = transition(version: 1, [LedgerEntry(.win, 2), LedgerEntry(.bet, -2)])
            #expect(try await store.commit(between) == .refused(.overflow))
            #expect(try await store.commit(transition(version: 1, [LedgerEntry(.win, 1)])).outcome?.credits == .max)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func contradictionsAreInvalid(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            var wrongSum = transition(version: 1, [LedgerEntry(.bet, -4)])
            wrongSum.delta = -3
            var wrongLowest = transition(version: 1, [LedgerEntry(.bet, -4)])
            wrongLowest.lowest = 0
            var opening = transition(version: 1)
            opening.kind = .opening
            var nameless = transition(version: 1)
            nameless.account = AccountKey(realm: "", user: "alice", denom: "credit")
            for step in [wrongSum, wrongLowest, opening, nameless] {
                guard case .unavailable(let error) = try await store.commit(step) else {
                    Issue.record("not refused")
                    continue
                }
                #expect(error.code == .invalid)
            }
            var large = transition(version: 1)
            large.body = Array(repeating: 0, count: StoreLimits.bodyBytes + 1)
            #expect(try await store.commit(large) == .unavailable(StoreError(.tooLarge, "journal body")))
            #expect(try await store.journal().count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func unknownAccountIsNotFound(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            guard case .unavailable(let error) = try await store.commit(transition(version: 1)) else {
                Issue.record("not refused")
                return
            }
            #expect(error.code == .notFound)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aRepeatedIDHasOneEffectAndTheSameAnswer(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            let step = transition(version: 1, [LedgerEntry(.bet, -4)])
            #expect(try await store.commit(step) == .committed(credits: 996, version: 2))
            #expect(try await store.commit(step) == .duplicate(credits: 996, version: 2))
            for version in Int64(2)...12 { _ = try await store.commit(transition(version: version, [LedgerEntry(.bet, -1)])) }
            #expect(try await store.commit(step) == .duplicate(credits: 996, version: 2))
            var rebased = step
            rebased.expectedVersion = 13
            #expect(try await store.commit(rebased) == .duplicate(credits: 996, version: 2))
            #expect(try await store.account(alice).credits == 985)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func anotherAccountsIDIsAConflict(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let bob = AccountKey(realm: "demo", user: "bob", denom: "credit")
            _ = try await store.account(alice)
            _ = try await store.account(bob)
            let step = transition(version: 1, [LedgerEntry(.bet, -4)])
            _ = try await store.commit(step)
            let head = try await store.account(bob)
            #expect(try await store.commit(transition(bob, version: 1, id: step.id)) == .conflict(actual: head))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func hundredParallelRetriesHaveOneEffectAndEqualAnswers(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            let step = transition(version: 1, [LedgerEntry(.bet, -4)])
            let results = try await withThrowingTaskGroup(of: CommitResult.self) { group in
                for _ in 0..<100 { group.addTask { try await store.commit(step) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.count == 100)
            #expect(results.allSatisfy { $0.outcome?.credits == 996 && $0.outcome?.version == 2 })
            #expect(results.filter { $0 == .committed(credits: 996, version: 2) }.count == 1)
            #expect(try await store.journal().count == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aClosedStoreRefuses(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            _ = try await store.account(alice)
            await store.close()
            #expect(try await store.commit(transition(version: 1)) == .unavailable(StoreError(.closed)))
            await #expect(throws: StoreError(.closed)) { try await store.account(alice) }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func answersComeOnTheLoopAskedFor(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let loop = testLoops.next()
            let there = try await answer("the account") { done in
                store.account(alice, initialCredits: 1, on: loop) { _ in done(loop.inEventLoop) }
            }
            #expect(there)
        }
    }
}
