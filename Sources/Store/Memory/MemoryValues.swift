/// Keys with expiry.
struct MemoryValues {
    private var entries: [StoreKey: StoreValue] = [:]
    /// A heap of moments at which an entry may expire; outdated ones are recognized by their version.
    private var expiries: [(at: Int64, version: Int64, key: StoreKey)] = []
    private var lastVersion: Int64 = 0
    /// What all entries cost.
    private(set) var bytes = 0

    static func cost(_ key: StoreKey, _ value: [UInt8]) -> Int {
        StoreLimits.memoryEntryBytes + key.realm.utf8.count + key.name.utf8.count + value.count
    }

    func live(_ key: StoreKey, now: Int64) -> StoreValue? {
        guard let entry = entries[key] else { return nil }
        if let expiresAt = entry.expiresAt, expiresAt <= now { return nil }
        return entry
    }

    /// - Parameter room: How much all entries may grow, bytes; what becomes smaller is always taken.
    mutating func set(
        _ key: StoreKey, _ bytes: [UInt8], expiresAt: Int64?, ifVersion: Int64?, now: Int64, room: Int
    ) throws(StoreError) -> WriteResult {
        let actual = live(key, now: now)?.version ?? 0
        if let ifVersion, ifVersion != actual { return .mismatch(actual: actual) }
        let growth = Self.cost(key, bytes) - (entries[key].map { Self.cost(key, $0.bytes) } ?? 0)
        if growth > 0 { try MemoryStore.admit(growth, to: room) }
        self.bytes += growth
        lastVersion += 1
        entries[key] = StoreValue(bytes: bytes, version: lastVersion, expiresAt: expiresAt)
        if let expiresAt { push((expiresAt, lastVersion, key)) }
        return .written(version: lastVersion)
    }

    mutating func delete(_ key: StoreKey, ifVersion: Int64?, now: Int64) -> WriteResult {
        let actual = live(key, now: now)?.version ?? 0
        guard actual != 0, ifVersion == nil || ifVersion == actual else { return .mismatch(actual: actual) }
        remove(key)
        return .written(version: 0)
    }

    private mutating func remove(_ key: StoreKey) {
        if let entry = entries.removeValue(forKey: key) { bytes -= Self.cost(key, entry.bytes) }
    }

    mutating func increment(
        _ key: StoreKey, by amount: Int64, expiresAt: Int64?, now: Int64, room: Int
    ) throws(StoreError) -> Int64 {
        let current = live(key, now: now)
        let sum = try Rules.counter(current?.bytes, adding: amount)
        let expiry = current == nil ? expiresAt : current?.expiresAt
        _ = try set(key, Array(String(sum).utf8), expiresAt: expiry, ifVersion: nil, now: now, room: room)
        return sum
    }

    /// Frees what has expired, a bounded number at a time. Before each write.
    mutating func sweep(now: Int64) {
        var left = StoreLimits.sweepRows
        while left > 0, let first = expiries.first, first.at <= now {
            pop()
            if entries[first.key]?.version == first.version { remove(first.key) }
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
