/// Reads of the outbox, for any connection. They change nothing.
enum OutboxReads {
    static func due(topic: String?, limit: Int, now: Int64, _ sql: Database) throws(SQLFailure) -> [OutboxEntry] {
        let columns = "SELECT id, realm, topic, key, body, at, attempts FROM outbox"
        let rows = try sql(
            topic == nil
                ? "\(columns) WHERE next_at <= ? ORDER BY id LIMIT ?"
                : "\(columns) WHERE topic = ? AND next_at <= ? ORDER BY id LIMIT ?")
        if let topic { rows.add(topic) }
        rows.add(now)
        rows.add(Int64(min(limit, StoreLimits.rowsPerRead)))
        defer { rows.finish() }
        var items: [OutboxEntry] = []
        var budget = ReadBudget(rows: limit)
        while try rows.step() {
            let item = OutboxEntry(
                id: rows.int(0), realm: rows.text(1), topic: rows.text(2), key: rows.text(3), body: rows.bytes(4),
                at: rows.int(5), attempts: rows.int(6))
            guard budget.admits(item.body.count) else { break }
            items.append(item)
        }
        return items
    }
}
