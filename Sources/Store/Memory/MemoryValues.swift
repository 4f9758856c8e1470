/// Keys with expiry.
struct MemoryValues {
    private var entries: [StoreKey: StoreValue] = [:]
    /// A heap of moments at which an entry may expire; outdated ones are recognized by their version.
    private var expiries: [(at: Int64, version: Int64, key: StoreKey)] = []
    private var lastVersion: Int64 = 0

    func live(_ key: StoreKey, now: Int64) -> StoreValue? {
        guard let entry = entries[key] else { return nil }
        if let expiresAt = entry.expiresAt, expiresAt <= now { return nil }
        return entry
    }

    mutating func set(
        _ key: StoreKey, _ bytes: [UInt8], expiresAt: Int64?, ifVersion: Int64?, now: Int64
    ) -> WriteResult {
        let actual = live(key, now: now)?.version ?? 0
        if let ifVersion, ifVersion != actual { return .mismatch(actual: actual) }
        lastVersion += 1
        entries[key] = StoreValue(bytes: bytes, version: lastVersion, expiresAt: expiresAt)
        if let expiresAt { push((expiresAt, lastVersion, key)) }
        sweep(now: now)
        return .written(version: lastVersion)
    }

    mutating func delete(_ key: StoreKey, ifVersion: Int64?, now: Int64) -> WriteResult {
        let actual = live(key, now: now)?.version ?? 0
        guard actual != 0, ifVersion == nil || ifVersion == actual else { return .mismatch(actual: actual) }
        entries[key] = nil
        return .written(version: 0)
    }

    mutating func increment(
        _ key: StoreKey, by amount: Int64, expiresAt: Int64?, now: Int64
    ) throws(StoreError) -> Int64 {
        let current = live(key, now: now)
        let sum = try Rules.counter(current?.bytes, adding: amount)
        let expiry = current == nil ? expiresAt : current?.expiresAt
        _ = set(key, Array(String(sum).utf8), expiresAt: expiry, ifVersion: nil, now: now)
        return sum
    }

    /// Frees what has expired, a bounded number at a time.
    private mutating func sweep(now: Int64) {
        var left = StoreLimits.sweepRows
        while left > 0, let first = expiries.first, first.at <= now {
            pop()
            if entries[first.key]?.version == first.version { entries[first.key] = nil }
            left -= 1
        }
        // Keys written again and again leave outdated moments behind; start over before they outweigh the rest.
        if expiries.count > 2 * entries.count + 1_024 {
            expiries = []
            for (key, entry) in entries {
                if let expiresAt = entry.expiresAt { push((expiresAt, entry.version, key)) }
            }
        }
    }

    private mutating func push(_ item: (at: Int64, version: Int64, key: StoreKey)) {
        expiries.append(item)
        var child = expiries.count - 1
        while child > 0, expiries[child].at < expiries[(child - 1) / 2].at {
            expiries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() {
        expiries.swapAt(0, expiries.count - 1)
        expiries.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < expiries.count && expiries[child].at < expiries[least].at {
                least = child
            }
            if least == parent { return }
            expiries.swapAt(parent, least)
            parent = least
        }
    }
}
