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

/// A set of members ordered by score, then by the member's bytes.
struct MemorySortedSet {
    private var scores: [Name: Double] = [:]
    private var order: [SortedMember] = []

    var isEmpty: Bool { order.isEmpty }

    mutating func add(_ members: [SortedMember]) -> Int {
        var added = 0
        for member in members {
            if let score = scores[Name(member.member)] {
                order.remove(at: place(of: SortedMember(member.member, score)))
            } else {
                added += 1
            }
            scores[Name(member.member)] = member.score
            order.insert(member, at: place(of: member))
        }
        return added
    }

    mutating func remove(_ members: [String]) -> Int {
        var removed = 0
        for member in members {
            guard let score = scores.removeValue(forKey: Name(member)) else { continue }
            order.remove(at: place(of: SortedMember(member, score)))
            removed += 1
        }
        return removed
    }

    func count(_ scores: ClosedRange<Double>?) -> Int {
        guard let scores else { return order.count }
        return span(from: scores.lowerBound, through: scores.upperBound).count
    }

    func range(_ range: SortedRange) -> [SortedMember] {
        let span: Range<Int>
        switch range.bounds {
        case .score(let from, let through):
            span = self.span(from: from, through: through)
        case .rank(let from, let through):
            let ranks = Rules.ranks(from: from, through: through, count: order.count)
            span = range.descending ? (order.count - ranks.upperBound)..<(order.count - ranks.lowerBound) : ranks
        }
        let limit = min(range.limit, StoreLimits.rowsPerRead)
        return range.descending ? Array(order[span].reversed().prefix(limit)) : Array(order[span].prefix(limit))
    }

    private func span(from: Double, through: Double) -> Range<Int> {
        let first = partition { $0.score < from }
        let last = partition { $0.score <= through }
        return first..<max(first, last)
    }

    /// Where `member` is, or belongs.
    private func place(of member: SortedMember) -> Int {
        partition {
            $0.score < member.score || ($0.score == member.score && Name.precedes($0.member, member.member))
        }
    }

    /// The number of members at the front for which `before` holds.
    private func partition(_ before: (SortedMember) -> Bool) -> Int {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if before(order[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Items to be delivered.
struct MemoryOutbox {
    private struct Pending {
        var entry: OutboxEntry
        var nextAt: Int64
    }

    private var pending: [Int64: Pending] = [:]
    private var keys: Set<[Name]> = []
    /// Rising ids; those of delivered items are skipped until the list is tidied.
    private var order: [Int64] = []
    private var lastID: Int64 = 0

    mutating func add(_ item: OutboxItem, realm: String, now: Int64) {
        guard keys.insert(MemoryState.path(realm, item.key)).inserted else { return }
        lastID += 1
        let entry = OutboxEntry(
            id: lastID, realm: realm, topic: item.topic, key: item.key, body: item.body, at: now, attempts: 0)
        pending[lastID] = Pending(entry: entry, nextAt: now)
        order.append(lastID)
    }

    func next(limit: Int, now: Int64) -> [OutboxEntry] {
        var due: [OutboxEntry] = []
        var budget = ReadBudget(rows: limit)
        for id in order {
            guard let item = pending[id], item.nextAt <= now else { continue }
            guard budget.admits(item.entry.body.count) else { break }
            due.append(item.entry)
        }
        return due
    }

    mutating func remove(_ id: Int64) {
        guard let item = pending.removeValue(forKey: id) else { return }
        keys.remove(MemoryState.path(item.entry.realm, item.entry.key))
        if order.count > 2 * pending.count + 64 { order.removeAll { pending[$0] == nil } }
    }

    mutating func postpone(_ id: Int64, until nextAt: Int64) {
        guard let item = pending[id] else { return }
        let old = item.entry
        pending[id] = Pending(
            entry: OutboxEntry(
                id: id, realm: old.realm, topic: old.topic, key: old.key, body: old.body, at: old.at,
                attempts: old.attempts + 1),
            nextAt: nextAt)
    }
}
