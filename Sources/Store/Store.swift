public import NIOCore

/// Receives an answer on the loop given with the request, exactly once.
public typealias StoreCallback<Value> = @Sendable (Result<Value, StoreError>) -> Void

/// Where money, game states and scripts' keys are kept. Everything may be called from any thread and never blocks
/// it. Answers come on `loop`; a store in memory may answer before the call returns if it is made on that loop, so
/// callers must be ready for both. Requests of one caller are worked on in the order made, if they write; a read sees
/// everything that was acknowledged before it was asked for.
public protocol Store: Sendable {
    /// The head of an account. At first use it is created with `initialCredits` (≥ 0), journalled as its opening.
    func account(
        _ key: AccountKey, initialCredits: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Account>)

    /// Applies a transition durably, or does nothing.
    func commit(_ transition: Transition, on loop: any EventLoop, _ done: @escaping @Sendable (CommitResult) -> Void)

    /// All jackpots of a site that ever received something.
    func jackpots(realm: String, site: String, on loop: any EventLoop, _ done: @escaping StoreCallback<[Jackpot]>)

    /// Registers a user at first sight, else updates the profile. `profile` is JSON text.
    func user(
        realm: String, uid: String, profile: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<UserRecord>)

    /// A user's data on a site as JSON text; nil if there are none.
    func userdata(
        realm: String, user: String, site: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<String?>)

    func setUserdata(
        realm: String, user: String, site: String, json: String,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>)

    // MARK: What happened

    /// The journal entries of the account's last `limit` (1…1,000) rounds, newest first.
    func lastGames(_ key: AccountKey, limit: Int, on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>)

    /// Sums over everything; reads the whole journal, so for checks only.
    func sums(on loop: any EventLoop, _ done: @escaping StoreCallback<StoreSums>)

    /// Entries after `seq` in order, at most `limit`.
    func journal(
        since seq: Int64, limit: Int,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[JournalEntry]>)

    // MARK: Keys and values

    func get(_ key: StoreKey, on loop: any EventLoop, _ done: @escaping StoreCallback<StoreValue?>)

    /// Writes an entry. `ttl`: milliseconds until it expires (≥ 1), nil for never. `ifVersion`: only if the entry has
    /// this version; 0 means it must be absent.
    func set(
        _ key: StoreKey, _ value: [UInt8], ttl: Int64?, ifVersion: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<WriteResult>)

    /// Removes an entry. Of an absent one: `mismatch(actual: 0)`.
    func delete(
        _ key: StoreKey, ifVersion: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<WriteResult>)

    /// Adds to a counter kept as decimal text; an absent one counts as 0 and gets `ttl`, a present one keeps its own.
    func increment(
        _ key: StoreKey, by amount: Int64, ttl: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int64>)

    // MARK: Sorted sets

    /// Adds members or changes their scores; answers how many are new.
    func sortedAdd(
        _ key: StoreKey, _ members: [SortedMember],
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>)

    func sortedRange(
        _ key: StoreKey, _ range: SortedRange,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[SortedMember]>)

    /// Answers how many were there.
    func sortedRemove(
        _ key: StoreKey, _ members: [String],
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>)

    /// The number of members with a score in `scores`; all of them if nil.
    func sortedCount(
        _ key: StoreKey, scores: ClosedRange<Double>?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>)

    // MARK: Several at once

    /// Makes all of these changes in order, or none of them; at most `StoreLimits.writesPerBatch` with
    /// `StoreLimits.batchBytes` of values.
    func apply(_ changes: [StoreChange], on loop: any EventLoop, _ done: @escaping StoreCallback<Void>)

    // MARK: Outbox

    /// Items due at `now` (milliseconds since 1970), oldest first. They stay until told delivered, so only one
    /// deliverer may ask.
    func outboxNext(
        limit: Int, now: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[OutboxEntry]>)

    /// Forgets an item.
    func outboxDelivered(_ id: Int64, on loop: any EventLoop, _ done: @escaping StoreCallback<Void>)

    /// Counts a failed attempt and puts the next one off until `nextAt` (milliseconds since 1970).
    func outboxFailed(
        _ id: Int64, nextAt: Int64,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Void>)

    /// Finishes what is queued, then refuses everything as `closed`. Must not be awaited on an event loop's thread.
    func close() async
}
