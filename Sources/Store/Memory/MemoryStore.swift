public import NIOCore
import Synchronization

/// The store of `--ephemeral`: everything in memory, gone at the end of the process. Same semantics as
/// `SQLiteStore`, except that only the latest `StoreLimits.memoryJournalEntries` journal entries are kept.
///
/// Called on the answer's own loop it answers before the call returns; the state is guarded by a lock that is never
/// held while anything is waited for or called back.
public final class MemoryStore: Store {
    private let state = Mutex(MemoryState())
    private let clock: StoreClock
    private let faults: StoreFaults?

    public init(clock: @escaping StoreClock = systemStoreClock, faults: StoreFaults? = nil) {
        self.clock = clock
        self.faults = faults
    }

    /// Runs `body` under the lock, then answers on `loop`. A write passes the fault points of a transaction.
    private func perform<Value: Sendable>(
        on loop: any EventLoop,
        _ done: @escaping StoreCallback<Value>,
        problem: StoreError? = nil,
        writes: Bool = true,
        _ body: (inout MemoryState, Int64) throws(StoreError) -> Value
    ) {
        let result: Result<Value, StoreError>
        if let problem = problem ?? faults?.failure(at: .call) {
            result = .failure(problem)
        } else {
            result = apply(writes: writes, body)
        }
        if loop.inEventLoop { done(result) } else { loop.execute { done(result) } }
    }

    private func apply<Value: Sendable>(
        writes: Bool,
        _ body: (inout MemoryState, Int64) throws(StoreError) -> Value
    ) -> Result<Value, StoreError> {
        let now = clock()
        if writes, let faults {
            if let failure = faults.failure(at: .statement) ?? faults.failure(at: .commit) { return .failure(failure) }
        }
        let result = state.withLock { state -> Result<Value, StoreError> in
            guard !state.closed else { return .failure(StoreError(.closed)) }
            do throws(StoreError) { return .success(try body(&state, now)) } catch { return .failure(error) }
        }
        if writes, let failure = faults?.failure(at: .answer) { return .failure(failure) }
        return result
    }

    // MARK: Accounts

    public func account(
        _ key: AccountKey, initialCredits: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Account>
    ) {
        let problem = initialCredits < 0 ? StoreError(.invalid, "negative credits") : Rules.problem(in: key)
        perform(on: loop, done, problem: problem) { state, now throws(StoreError) in
            state.account(key, initialCredits: initialCredits, now: now)
        }
    }

    public func commit(
        _ transition: Transition, on loop: any EventLoop, _ done: @escaping @Sendable (CommitResult) -> Void
    ) {
        let result: CommitResult
        if let problem = Rules.problem(in: transition) ?? faults?.failure(at: .call) {
            result = .unavailable(problem)
        } else {
            let applied = apply(writes: true) { state, now throws(StoreError) in
                try state.commit(transition, now: now)
            }
            switch applied {
            case .success(let answer): result = answer
            case .failure(let error): result = .unavailable(error)
            }
        }
        if loop.inEventLoop { done(result) } else { loop.execute { done(result) } }
    }

    public func jackpots(
        realm: String, site: String, on loop: any EventLoop, _ done: @escaping StoreCallback<[Jackpot]>
    ) {
        perform(on: loop, done, writes: false) { state, _ throws(StoreError) in
            state.jackpots(realm: realm, site: site)
        }
    }

    public func user(
        realm: String, uid: String, profile: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<UserRecord>
    ) {
        let problem = Rules.problem(inNames: realm, uid) ?? Rules.problem(inProfile: profile)
        perform(on: loop, done, problem: problem) { state, now throws(StoreError) in
            state.user(realm: realm, uid: uid, profile: profile, now: now)
        }
    }

    public func userdata(
        realm: String, user: String, site: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<String?>
    ) {
        perform(on: loop, done, writes: false) { state, _ throws(StoreError) in
            state.userdata[MemoryState.path(realm, user, site)]
        }
    }

    public func setUserdata(
        realm: String, user: String, site: String, json: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>
    ) {
        let problem = Rules.problem(inUserdata: json, realm, user, site)
        perform(on: loop, done, problem: problem) { state, _ throws(StoreError) in
            state.userdata[MemoryState.path(realm, user, site)] = json
        }
    }

    // MARK: What happened

    public func lastGames(
        _ key: AccountKey, limit: Int, on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>
    ) {
        perform(on: loop, done, problem: Rules.problem(inGames: limit), writes: false) { state, _ throws(StoreError) in
            state.lastGames(key, limit: limit)
        }
    }

    public func sums(on loop: any EventLoop, _ done: @escaping StoreCallback<StoreSums>) {
        perform(on: loop, done, writes: false) { state, _ throws(StoreError) in try state.sums() }
    }

    public func journal(
        since seq: Int64, limit: Int,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>
    ) {
        perform(on: loop, done, problem: Rules.problem(inLimit: limit), writes: false) { state, _ throws(StoreError) in
            state.journal(since: seq, limit: limit)
        }
    }

    // MARK: Keys and values

    public func get(_ key: StoreKey, on loop: any EventLoop, _ done: @escaping StoreCallback<StoreValue?>) {
        perform(on: loop, done, problem: Rules.problem(in: key), writes: false) { state, now throws(StoreError) in
            state.values.live(key, now: now)
        }
    }

    public func set(
        _ key: StoreKey, _ value: [UInt8], ttl: Int64?, ifVersion: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<WriteResult>
    ) {
        let problem = Rules.problem(in: key) ?? Rules.problem(inTTL: ttl) ?? Rules.problem(inValue: value)
        perform(on: loop, done, problem: problem) { state, now throws(StoreError) in
            state.values.set(key, value, expiresAt: Rules.expiry(ttl, now: now), ifVersion: ifVersion, now: now)
        }
    }

    public func delete(
        _ key: StoreKey, ifVersion: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<WriteResult>
    ) {
        perform(on: loop, done, problem: Rules.problem(in: key)) { state, now throws(StoreError) in
            state.values.delete(key, ifVersion: ifVersion, now: now)
        }
    }

    public func increment(
        _ key: StoreKey, by amount: Int64, ttl: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int64>
    ) {
        let problem = Rules.problem(in: key) ?? Rules.problem(inTTL: ttl)
        perform(on: loop, done, problem: problem) { state, now throws(StoreError) in
            try state.values.increment(key, by: amount, expiresAt: Rules.expiry(ttl, now: now), now: now)
        }
    }

    // MARK: Sorted sets

    public func sortedAdd(
        _ key: StoreKey, _ members: [SortedMember],
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>
    ) {
        let problem = Rules.problem(in: key) ?? Rules.problem(inScores: members)
        perform(on: loop, done, problem: problem) { state, _ throws(StoreError) in
            state.sorted[key, default: MemorySortedSet()].add(members)
        }
    }

    public func sortedRange(
        _ key: StoreKey, _ range: SortedRange,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[SortedMember]>
    ) {
        let problem = Rules.problem(in: key) ?? Rules.problem(inLimit: range.limit)
        perform(on: loop, done, problem: problem, writes: false) { state, _ throws(StoreError) in
            state.sorted[key]?.range(range) ?? []
        }
    }

    public func sortedRemove(
        _ key: StoreKey, _ members: [String],
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>
    ) {
        let problem = Rules.problem(in: key) ?? Rules.problem(inMembers: members)
        perform(on: loop, done, problem: problem) { state, _ throws(StoreError) in
            let removed = state.sorted[key]?.remove(members) ?? 0
            if state.sorted[key]?.isEmpty == true { state.sorted[key] = nil }
            return removed
        }
    }

    public func sortedCount(
        _ key: StoreKey, scores: ClosedRange<Double>?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>
    ) {
        perform(on: loop, done, problem: Rules.problem(in: key), writes: false) { state, _ throws(StoreError) in
            state.sorted[key]?.count(scores) ?? 0
        }
    }

    // MARK: Several at once

    public func apply(_ changes: [StoreChange], on loop: any EventLoop, _ done: @escaping StoreCallback<Void>) {
        perform(on: loop, done, problem: Rules.problem(inChanges: changes)) { state, now throws(StoreError) in
            for change in changes { state.apply(change, now: now) }
        }
    }

    // MARK: Outbox

    public func outboxNext(
        limit: Int, now: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[OutboxEntry]>
    ) {
        perform(on: loop, done, problem: Rules.problem(inLimit: limit), writes: false) { state, _ throws(StoreError) in
            state.outbox.next(limit: limit, now: now)
        }
    }

    public func outboxDelivered(_ id: Int64, on loop: any EventLoop, _ done: @escaping StoreCallback<Void>) {
        perform(on: loop, done) { state, _ throws(StoreError) in state.outbox.remove(id) }
    }

    public func outboxFailed(
        _ id: Int64, nextAt: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>
    ) {
        perform(on: loop, done) { state, _ throws(StoreError) in state.outbox.postpone(id, until: nextAt) }
    }

    public func close() async {
        state.withLock { $0.closed = true }
    }
}
