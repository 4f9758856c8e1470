public import NIOCore

/// Where scripts keep what they want to find again: values with expiry, counters, sorted sets.
///
/// Everything may be called from any thread and never blocks it. Answers come on `loop`, see ``StoreCallback``.
public protocol KeyValue: Sendable {
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
    /// `StoreLimits.batchBytes` of values and outbox bodies.
    func apply(_ changes: [StoreChange], on loop: any EventLoop, _ done: @escaping StoreCallback<Void>)
}
