/// Items that wait to be accepted.
struct MemoryOutbox {
    private struct Pending {
        var entry: OutboxEntry
        var nextAt: Int64
    }

    private var pending: [Int64: Pending] = [:]
    private var keys: [[Name]: Int64] = [:]
    /// Rising ids; those of accepted items are skipped until the list is tidied.
    private var order: [Int64] = []
    private var lastID: Int64 = 0
    /// Bytes of the bodies of all that wait.
    private var bytes = 0

    /// Why these items cannot be added.
    func problem(adding items: [OutboxItem]) -> StoreError? {
        if items.isEmpty { return nil }
        let size = bytes + items.reduce(0) { $0 + $1.body.count }
        guard size <= StoreLimits.pendingOutboxBytes else { return StoreError(.busy, "outbox full: \(bytes) bytes wait to be accepted") }
        return Rules.problem(inPending: pending.count, adding: items.count, most: StoreLimits.pendingOutboxInMemory)
    }

    mutating func add(_ item: OutboxItem, realm: String, now: Int64) {
        let path = MemoryState.path(realm, item.key)
        if let waiting = keys[path] {
            guard item.replaces else { return }
            remove(waiting)
        }
        lastID += 1
        keys[path] = lastID
        let entry = OutboxEntry(
            id: lastID, realm: realm, topic: item.topic, key: item.key, body: item.body, at: now, attempts: 0)
        pending[lastID] = Pending(entry: entry, nextAt: now)
        order.append(lastID)
        bytes += item.body.count
    }

    func due(topic: String?, limit: Int, now: Int64) -> [OutboxEntry] {
        var due: [OutboxEntry] = []
        var budget = ReadBudget(rows: limit)
        for id in order {
            guard let item = pending[id], item.nextAt <= now, topic == nil || item.entry.topic == topic else { continue }
            guard budget.admits(item.entry.body.count) else { break }
            due.append(item.entry)
        }
        return due
    }

    mutating func remove(_ id: Int64) {
        guard let item = pending.removeValue(forKey: id) else { return }
        keys[MemoryState.path(item.entry.realm, item.entry.key)] = nil
        bytes -= item.entry.body.count
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
