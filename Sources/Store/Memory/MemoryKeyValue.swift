public import NIOCore

/// Keys and sorted sets in memory.
extension MemoryStore {
    /// Refuses what would not fit.
    static func admit(_ bytes: Int, to room: Int) throws(StoreError) {
        guard bytes == 0 || bytes <= room else {
            throw StoreError(.full, "the store in memory holds all it may; delete something, give values a ttl, or serve with a data folder")
        }
    }

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
            state.values.sweep(now: now)
            return try state.values.set(
                key, value, expiresAt: Rules.expiry(ttl, now: now), ifVersion: ifVersion, now: now, room: state.room)
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
            state.values.sweep(now: now)
            return try state.values.increment(key, by: amount, expiresAt: Rules.expiry(ttl, now: now), now: now, room: state.room)
        }
    }

    // MARK: Sorted sets

    public func sortedAdd(
        _ key: StoreKey, _ members: [SortedMember],
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>
    ) {
        let problem = Rules.problem(in: key) ?? Rules.problem(inScores: members)
        perform(on: loop, done, problem: problem) { state, _ throws(StoreError) in
            try state.add(members, to: key)
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
            state.remove(members, from: key)
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
            try state.apply(changes, now: now)
        }
    }
}
