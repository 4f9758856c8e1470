/// The writing side of the outbox. Owned by the writer thread.
final class OutboxWriter {
    private let access: WriteAccess
    /// So many may wait.
    private let most: Int
    /// How many wait at most, as this transaction leaves it; nil until it is needed.
    private var waiting: Int?
    /// So many wait exactly: it was counted, and every change since is in it.
    private var isCounted = false
    /// Times that all were counted, so that tests see when it is done.
    private(set) var counts = 0

    init(_ access: WriteAccess, most: Int) {
        self.access = access
        self.most = most
    }

    /// After the end of a transaction that failed, or when another process wrote.
    func forget() { (waiting, isCounted) = (nil, false) }

    /// Why these items cannot be added; nil if they can.
    func problem(adding items: [OutboxItem]) throws(SQLFailure) -> StoreError? {
        if items.isEmpty { return nil }
        guard let problem = Rules.problem(inPending: try estimated(), adding: items.count, most: most) else { return nil }
        // An old item among many that were accepted makes the estimate too large. Counting reads the whole outbox, and as long as
        // it is full everything that is to be told comes here.
        if isCounted { return problem }
        let counted = try count("SELECT count(*) FROM outbox")
        counts += 1
        (waiting, isCounted) = (counted, true)
        return Rules.problem(inPending: counted, adding: items.count, most: most)
    }

    /// Ids rise, so their range tells without counting that there are not too many.
    private func estimated() throws(SQLFailure) -> Int {
        if let waiting { return waiting }
        let found = try count("SELECT coalesce((SELECT max(id) FROM outbox) - (SELECT min(id) FROM outbox) + 1, 0)")
        waiting = found
        return found
    }

    private func count(_ text: String) throws(SQLFailure) -> Int {
        let row = try access.sql(text)
        defer { row.finish() }
        return try row.step() ? Int(row.int(0)) : 0
    }

    /// One with its key that waits already stays or goes, as the item says.
    func add(_ item: OutboxItem, realm: String, at: Int64) throws(SQLFailure) {
        try access.write()
        if item.replaces { try remove(item.key, realm: realm) }
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
        if try row.change() == 1 { note(1) }
    }

    private func remove(_ key: String, realm: String) throws(SQLFailure) {
        let row = try access.sql("DELETE FROM outbox WHERE realm = ? AND key = ?")
        row.add(realm)
        row.add(key)
        note(-Int(try row.change()))
    }

    func accept(_ ids: [Int64]) throws(SQLFailure) {
        for id in ids {
            try access.write()
            let row = try access.sql("DELETE FROM outbox WHERE id = ?")
            row.add(id)
            note(-Int(try row.change()))
        }
    }

    func postpone(_ id: Int64, until nextAt: Int64) throws(SQLFailure) {
        try access.write()
        let row = try access.sql("UPDATE outbox SET attempts = attempts + 1, next_at = ? WHERE id = ?")
        row.add(nextAt)
        row.add(id)
        try row.run()
    }

    private func note(_ items: Int) {
        if let now = waiting { waiting = now + items }
    }
}
