import NightjarTesting
import Store
import Testing

@Suite struct PropertyTests {
    /// Whatever happens at once, money is neither made nor lost, and versions rise by one.
    @Test(arguments: StoreKind.allCases)
    func ledgerAndBalancesAgreeUnderParallelLoad(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let accounts = (0..<5).map { AccountKey(realm: "demo", user: "user-\($0)", denom: "credit") }
            for account in accounts { _ = try await store.account(account, initialCredits: 50) }
            let committed = try await withThrowingTaskGroup(of: [StateID].self) { group in
                for worker in 0..<16 {
                    group.addTask { try await play(store, accounts, seed: UInt64(worker), rounds: 120) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let sums = try await store.sums()
            #expect(sums.ledger == sums.heads)
            #expect(sums.accounts == 5)
            #expect(sums.entries == Int64(committed.count + 5))
            let journal = try await store.journal()
            #expect(Set(journal.map(\.id)).isSuperset(of: committed))
            for account in accounts {
                let entries = journal.filter { $0.account == account }
                #expect(entries.map(\.version) == Array(1...Int64(entries.count)))
                #expect(entries.allSatisfy { $0.credits >= 0 })
                var credits: Int64 = 0
                for entry in entries {
                    credits += entry.delta
                    #expect(entry.credits == credits)
                }
                let head = try await store.account(account)
                #expect(head.credits == credits)
                #expect(head.version == Int64(entries.count))
            }
        }
    }

    /// Plays random rounds, going on from the head each conflict shows; answers what was committed.
    private func play(_ store: any Store, _ accounts: [AccountKey], seed: UInt64, rounds: Int) async throws -> [StateID] {
        var generator = Seeded(seed)
        var versions: [AccountKey: Int64] = [:]
        var committed: [StateID] = []
        for _ in 0..<rounds {
            let account = accounts.randomElement(using: &generator)!
            let stake = Int64.random(in: 0...30, using: &generator)
            let win = Int64.random(in: 0...30, using: &generator)
            var step = transition(
                account, version: versions[account] ?? 1, [LedgerEntry(.bet, -stake), LedgerEntry(.win, win)],
                game: Bool.random(using: &generator) ? joker : halloween)
            step.displaces = true
            switch try await store.commit(step) {
            case .committed(_, let version):
                versions[account] = version
                committed.append(step.id)
            case .conflict(let actual): versions[account] = actual.version
            case .refused: break
            case .duplicate, .unavailable: Issue.record("unexpected answer")
            }
        }
        return committed
    }

    /// Both stores give the same answers to the same requests.
    @Test(arguments: 1...6) func bothStoresAnswerAlike(_ seed: UInt64) async throws {
        let clock = ManualClock()
        try await withStore(.memory, clock: clock) { memory in
            try await withStore(.sqlite, clock: clock) { sqlite in
                var generator = Seeded(seed)
                for number in 0..<400 {
                    if Int.random(in: 0..<4, using: &generator) == 0 {
                        clock.advance(Int64.random(in: 0...40, using: &generator))
                    }
                    let request = randomRequest(&generator)
                    let first = try await request.perform(memory)
                    let second = try await request.perform(sqlite)
                    #expect(first == second, "request \(number): \(request)")
                    if first != second { return }
                }
            }
        }
    }

    private func randomRequest(_ generator: inout Seeded) -> RandomRequest {
        let key = StoreKey(realm: "demo", name: "k\(Int.random(in: 0..<4, using: &generator))")
        let small = Int64.random(in: -3...12, using: &generator)
        let members = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            SortedMember(
                "m\(Int.random(in: 0..<9, using: &generator))", Double(Int.random(in: -3...3, using: &generator)) / 2)
        }
        switch Int.random(in: 0..<11, using: &generator) {
        case 0: return .get(key)
        case 1: return .set(key, "\(small)", ttl: small > 0 ? small * 5 : nil, ifVersion: small < 0 ? 0 : nil)
        case 2: return .delete(key)
        case 3: return .increment(key, small)
        case 4: return .add(key, members)
        case 5: return .remove(key, members.map(\.member))
        case 6: return .count(key, small > 5 ? nil : -1...Double(max(-1, small)))
        case 7:
            let bounds = SortedRange.Bounds.rank(from: Int(small) - 4, through: Int.random(in: -4...9, using: &generator))
            return .range(key, SortedRange(bounds, descending: small % 2 == 0, limit: Int(max(1, small))))
        case 8:
            let bounds = SortedRange.Bounds.score(from: Double(small) - 4, through: Double(small))
            return .range(key, SortedRange(bounds, descending: small % 2 == 0))
        case 9: return .commit(small, jackpot: Int64.random(in: 0...50, using: &generator))
        default: return .outbox
        }
    }
}

private enum RandomRequest {
    case get(StoreKey)
    case set(StoreKey, String, ttl: Int64?, ifVersion: Int64?)
    case delete(StoreKey)
    case increment(StoreKey, Int64)
    case add(StoreKey, [SortedMember])
    case remove(StoreKey, [String])
    case count(StoreKey, ClosedRange<Double>?)
    case range(StoreKey, SortedRange)
    case commit(Int64, jackpot: Int64)
    case outbox

    /// The answer as text, or the error's code.
    func perform(_ store: any Store) async throws -> String {
        do {
            switch self {
            case .get(let key): return "\(String(describing: try await store.get(key)))"
            case .set(let key, let value, let ttl, let version):
                return "\(try await store.set(key, value, ttl: ttl, ifVersion: version))"
            case .delete(let key): return "\(try await store.delete(key))"
            case .increment(let key, let amount): return "\(try await store.increment(key, by: amount, ttl: 30))"
            case .add(let key, let members): return "\(try await store.sortedAdd(key, members))"
            case .remove(let key, let members): return "\(try await store.sortedRemove(key, members))"
            case .count(let key, let scores): return "\(try await store.sortedCount(key, scores: scores))"
            case .range(let key, let range): return "\(try await store.sortedRange(key, range))"
            case .commit(let amount, let jackpot): return try await commit(store, amount, jackpot)
            case .outbox: return "\(try await store.pending(limit: 5, now: .max).map(\.key))"
            }
        } catch let error as StoreError {
            return error.code.rawValue
        }
    }

    private func commit(_ store: any Store, _ amount: Int64, _ jackpot: Int64) async throws -> String {
        let head = try await store.account(alice, initialCredits: 20)
        let pot = JackpotKey(site: "local", id: "jp")
        var step = transition(
            version: amount == 0 ? head.version - 1 : head.version,
            [LedgerEntry(.bet, -amount), LedgerEntry(.win, amount / 2)], game: amount % 2 == 0 ? joker : halloween)
        step.displaces = amount != 7
        step.outbox = [OutboxItem(topic: "rounds", key: "\(amount)", body: [])]
        step.jackpots = jackpot % 5 == 0
            ? [.take(pot, expectedVersion: jackpot / 10, amount: jackpot, minimum: 30, maximum: 100)]
            : [.contribute(pot, amount: jackpot, minimum: 30, maximum: 100)]
        let answer =
            switch try await store.commit(step) {
            case .committed(let credits, let version): "committed \(credits) \(version)"
            case .duplicate(let credits, let version): "duplicate \(credits) \(version)"
            case .conflict(let actual): "conflict \(actual.credits) \(actual.version)"
            case .refused(let reason): "refused \(reason)"
            case .unavailable(let error): "unavailable \(error)"
            }
        let after = try await store.account(alice)
        let games = after.parked.keys.map(\.game).sorted()
        return "\(answer) \(String(describing: after.active?.key)) \(games) \(try await store.jackpots())"
    }
}
