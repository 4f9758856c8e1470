public import NIOCore

/// Keys and sorted sets in the file.
extension SQLiteStore {
    public func get(_ key: StoreKey, on loop: any EventLoop, _ done: @escaping StoreCallback<StoreValue?>) {
        let name = key.text
        read(on: loop, done, problem: Rules.problem(in: key)) { [clock] in try KeyValueReads.value(name, now: clock(), $0) }
    }

    public func set(
        _ key: StoreKey, _ value: [UInt8], ttl: Int64?, ifVersion: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<WriteResult>
    ) {
        let name = key.text
        let problem = Rules.problem(in: key) ?? Rules.problem(inTTL: ttl) ?? Rules.problem(inValue: value)
        write(on: loop, done, bytes: value.count, problem: problem) {
            let now = $0.clock()
            return try $0.keys.set(name, value, expiresAt: Rules.expiry(ttl, now: now), ifVersion: ifVersion, now: now)
        }
    }

    public func delete(
        _ key: StoreKey, ifVersion: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<WriteResult>
    ) {
        let name = key.text
        write(on: loop, done, problem: Rules.problem(in: key)) {
            try $0.keys.delete(name, ifVersion: ifVersion, now: $0.clock())
        }
    }

    public func increment(
        _ key: StoreKey, by amount: Int64, ttl: Int64?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int64>
    ) {
        let name = key.text
        let problem = Rules.problem(in: key) ?? Rules.problem(inTTL: ttl)
        write(on: loop, done, problem: problem) { try $0.keys.increment(name, by: amount, ttl: ttl) }
    }

    // MARK: Sorted sets

    public func sortedAdd(
        _ key: StoreKey, _ members: [SortedMember],
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>
    ) {
        let name = key.text
        let problem = Rules.problem(in: key) ?? Rules.problem(inScores: members)
        write(on: loop, done, bytes: members.count * 64, problem: problem) { try $0.keys.sortedAdd(name, members) }
    }

    public func sortedRange(
        _ key: StoreKey, _ range: SortedRange,
        on loop: any EventLoop, _ done: @escaping StoreCallback<[SortedMember]>
    ) {
        let name = key.text
        read(on: loop, done, problem: Rules.problem(in: key) ?? Rules.problem(inLimit: range.limit)) { try KeyValueReads.sortedRange(name, range, $0) }
    }

    public func sortedRemove(
        _ key: StoreKey, _ members: [String],
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>
    ) {
        let name = key.text
        let problem = Rules.problem(in: key) ?? Rules.problem(inMembers: members)
        write(on: loop, done, bytes: members.count * 64, problem: problem) { try $0.keys.sortedRemove(name, members) }
    }

    public func sortedCount(
        _ key: StoreKey, scores: ClosedRange<Double>?,
        on loop: any EventLoop, _ done: @escaping StoreCallback<Int>
    ) {
        let name = key.text
        read(on: loop, done, problem: Rules.problem(in: key)) { try KeyValueReads.sortedCount(name, scores: scores, $0) }
    }

    // MARK: Several at once

    public func apply(_ changes: [StoreChange], on loop: any EventLoop, _ done: @escaping StoreCallback<Void>) {
        let bytes = changes.reduce(0) { $0 + $1.payloadBytes }
        write(on: loop, done, bytes: bytes, problem: Rules.problem(inChanges: changes)) { try $0.keys.apply(changes) }
    }
}
