import Store
import Testing

@Suite struct FaultTests {
    /// The requests of one round, each repeated until it is answered, as the callers do.
    private func round(_ store: any Store, _ faults: StoreFaults, bet: Transition, end: Transition) async throws {
        func retried(_ step: Transition) async throws -> CommitResult {
            for _ in 0..<3 {
                let before = try? await store.account(alice)
                let answer = try await store.commit(step)
                guard case .unavailable = answer else { return answer }
                faults.clear()
                let after = try? await store.account(alice)
                if let before, let after {
                    // Before or after, never between.
                    let changed = after.version == before.version + 1 && after.credits == before.credits + step.delta
                        && after.active?.id == step.id
                    #expect(after == before || changed)
                }
            }
            return try await store.commit(step)
        }
        _ = try? await store.account(alice)
        _ = try? await store.account(alice)
        #expect(try await retried(bet).outcome?.version == 2)
        #expect(try await retried(end).outcome?.version == 3)
    }

    @Test(arguments: StoreKind.allCases, StoreFaults.Point.allCases)
    func failingAtAnyPointLeavesBeforeOrAfter(_ kind: StoreKind, _ point: StoreFaults.Point) async throws {
        var passes = 1
        var n = 0
        while n < passes {
            n += 1
            let faults = StoreFaults()
            try await withStore(kind, faults: faults) { store in
                faults.fail(point, at: n)
                var bet = transition(version: 1, [LedgerEntry(.bet, -4)], openedAt: 9)
                bet.jackpots = [.contribute(JackpotKey(site: "local", id: "jp"), amount: 40, minimum: 0, maximum: 1_000)]
                bet.userdata = UserdataPatch(site: "local", json: "{}")
                var end = transition(version: 2, [LedgerEntry(.win, 6)])
                end.outbox = [OutboxItem(topic: "rounds", key: "r", body: [1]), OutboxItem(topic: "rounds", key: "s", body: [1])]
                try await round(store, faults, bet: bet, end: end)
                faults.clear()
                let account = try await store.account(alice)
                #expect(account.credits == 1_002)
                #expect(account.version == 3)
                #expect(try await store.journal().count == 3)
                #expect(try await store.pending(now: .max).map(\.key) == ["r", "s"])
                #expect(try await store.jackpots().map(\.value) == [40])
                #expect(try await store.userdata("alice") == "{}")
                let sums = try await store.sums()
                #expect(sums.ledger == sums.heads)
            }
            passes = max(passes, min(40, faults.count(point)))
        }
        #expect(passes > 2)
    }

    @Test(arguments: StoreKind.allCases)
    func aFullDiskRefusesBetsAndRecovers(_ kind: StoreKind) async throws {
        let faults = StoreFaults()
        try await withStore(kind, faults: faults) { store in
            let head = try await store.account(alice)
            faults.setDiskFull(true)
            let step = transition(version: 1, [LedgerEntry(.bet, -4)])
            for _ in 0..<3 {
                guard case .unavailable(let error) = try await store.commit(step) else {
                    Issue.record("not refused")
                    return
                }
                #expect(error.code == .unavailable)
            }
            faults.setDiskFull(false)
            #expect(try await store.account(alice) == head)
            #expect(try await store.commit(step) == .committed(credits: 996, version: 2))
        }
    }

    @Test func aLostAnswerIsFoundAgainByTheSameID() async throws {
        let faults = StoreFaults()
        try await withStore(.sqlite, faults: faults) { store in
            _ = try await store.account(alice)
            faults.fail(.answer, at: 1)
            let step = transition(version: 1, [LedgerEntry(.bet, -4)])
            guard case .unavailable = try await store.commit(step) else {
                Issue.record("not refused")
                return
            }
            #expect(try await store.commit(step) == .duplicate(credits: 996, version: 2))
        }
    }
}
