/// The writing side of the outbox. Owned by the writer thread.
final class OutboxWriter {
    private let access: WriteAccess
    /// What waits, as this transaction leaves it; nil until it is needed.
    private var waiting: (items: Int, bytes: Int)?

    init(_ access: WriteAccess) { self.access = access }

    /// After the end of a transaction that failed, or when another process wrote.
    func forget() { waiting = nil }

    /// Why these items cannot be added; nil if they can.
    func problem(adding items: [OutboxItem]) throws(SQLFailure) -> StoreError? {
        if items.isEmpty { return nil }
        let now = try counted()
        return Rules.problem(
            inPending: now.items, now.bytes, adding: items.count, items.reduce(0) { $0 + $1.body.count })
    }

    private func counted() throws(SQLFailure) -> (items: Int, bytes: Int) {
        if let waiting { return waiting }
        // The length of a blob stands at the head of its row; the bodies are not read.
        let row = try access.sql("SELECT count(*), coalesce(sum(length(body)), 0) FROM outbox")
        defer { row.finish() }
        let found = try row.step() ? (items: Int(row.int(0)), bytes: Int(row.int(1))) : (0, 0)
        waiting = found
        return found
    }

    /// Dropped if an item with its key waits already.
    func add(_ item: OutboxItem, realm: String, at: Int64) throws(SQLFailure) {
        try access.write()
        let row = try access.sql(
            """
            INSERT INTO outbox (realm, topic, key, at, next_at, attempts, body) VALUES (?, ?, ?, ?, ?, 0, ?)
            ON CONFLICT (realm, key) DO NOTHING
            """)
        row.add(realm)
        row.add(item.topic)
        row.add(item.key)
        row.add(at)
        row.add(at)
        row.add(item.body)
        if try row.change() == 1 { note(1, item.body.count) }
    }

    func accept(_ ids: [Int64]) throws(SQLFailure) {
        for id in ids {
            try access.write()
            let row = try access.sql("DELETE FROM outbox WHERE id = ? RETURNING length(body)")
            row.add(id)
            if try row.step() {
                note(-1, -Int(row.int(0)))
                try row.run()
            }
        }
    }

    func postpone(_ id: Int64, until nextAt: Int64) throws(SQLFailure) {
        try access.write()
        let row = try access.sql("UPDATE outbox SET attempts = attempts + 1, next_at = ? WHERE id = ?")
        row.add(nextAt)
        row.add(id)
        try row.run()
    }

    private func note(_ items: Int, _ bytes: Int) {
        guard let now = waiting else { return }
        waiting = (now.items + items, now.bytes + bytes)
    }
}
