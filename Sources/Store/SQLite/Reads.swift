/// Queries that change nothing, for any connection.
enum Reads {
    static func value(_ key: String, now: Int64, _ sql: StatementCache) throws(SQLFailure) -> StoreValue? {
        let row = try sql("SELECT version, expires_at, value FROM kv WHERE key = ?")
        row.add(key)
        guard try row.step() else { return nil }
        defer { row.finish() }
        let expiresAt = row.isNull(1) ? nil : row.int(1)
        if let expiresAt, expiresAt <= now { return nil }
        return StoreValue(bytes: row.bytes(2), version: row.int(0), expiresAt: expiresAt)
    }

    static func userdata(
        realm: String, user: String, site: String, _ sql: StatementCache
    ) throws(SQLFailure) -> String? {
        let row = try sql("SELECT json FROM userdata WHERE realm = ? AND user = ? AND site = ?")
        row.add(realm)
        row.add(user)
        row.add(site)
        guard try row.step() else { return nil }
        defer { row.finish() }
        return row.text(0)
    }

    static func jackpots(realm: String, site: String, _ sql: StatementCache) throws(SQLFailure) -> [Jackpot] {
        let rows = try sql("SELECT id, value, version FROM jackpot WHERE realm = ? AND site = ? ORDER BY id")
        rows.add(realm)
        rows.add(site)
        var jackpots: [Jackpot] = []
        while try rows.step() {
            jackpots.append(
                Jackpot(key: JackpotKey(site: site, id: rows.text(0)), value: rows.int(1), version: rows.int(2)))
        }
        return jackpots
    }

    // MARK: Journal

    static func lastGames(_ key: AccountKey, limit: Int, _ sql: StatementCache) throws -> [JournalEntry] {
        // The head may be older than the journal's end; then the account's last entry is among the latest.
        let last = try sql(
            """
            SELECT h.last_seq, (SELECT max(seq) FROM journal j WHERE j.seq > ? AND j.account = h.account)
            FROM head h WHERE h.realm = ? AND h.user = ? AND h.denom = ?
            """)
        last.add(try Rows.counter("heads", sql))
        last.add(key.realm)
        last.add(key.user)
        last.add(key.denom)
        var seq = try last.step() ? max(last.int(0), last.int(1)) : 0
        last.finish()
        var entries: [JournalEntry] = []
        var budget = ReadBudget(rows: limit * StoreLimits.rowsPerGame)
        var rounds = 0
        while rounds < limit, seq > 0 {
            let row = try sql(
                "SELECT \(Rows.entryColumns) FROM journal j JOIN head h ON h.account = j.account WHERE j.seq = ?")
            row.add(seq)
            defer { row.finish() }
            guard try row.step() else { throw StoreError(.corrupt, "journal entry \(seq) is missing") }
            let entry = try Rows.entry(row)
            guard budget.admits(entry.body.count) else { break }
            entries.append(entry)
            if entry.opensRound { rounds += 1 }
            seq = row.int(13)
        }
        return entries
    }

    static func journal(since seq: Int64, limit: Int, _ sql: StatementCache) throws -> [JournalEntry] {
        let rows = try sql(
            """
            SELECT \(Rows.entryColumns) FROM journal j JOIN head h ON h.account = j.account
            WHERE j.seq > ? ORDER BY j.seq LIMIT ?
            """)
        rows.add(seq)
        rows.add(Int64(min(limit, StoreLimits.rowsPerRead)))
        defer { rows.finish() }
        var entries: [JournalEntry] = []
        var budget = ReadBudget(rows: limit)
        while try rows.step() {
            let entry = try Rows.entry(rows)
            guard budget.admits(entry.body.count) else { break }
            entries.append(entry)
        }
        return entries
    }

    static func sums(_ sql: StatementCache) throws(SQLFailure) -> StoreSums {
        let journal = try sql("SELECT coalesce(sum(delta), 0), count(*) FROM journal")
        _ = try journal.step()
        defer { journal.finish() }
        let heads = try sql(
            """
            WITH latest AS (SELECT account, max(seq) AS seq FROM journal WHERE seq > ? GROUP BY account)
            SELECT coalesce(sum(coalesce(j.credits, h.credits)), 0), count(*)
            FROM head h LEFT JOIN latest l ON l.account = h.account LEFT JOIN journal j ON j.seq = l.seq
            """)
        heads.add(try Rows.counter("heads", sql))
        _ = try heads.step()
        defer { heads.finish() }
        return StoreSums(
            ledger: journal.int(0), heads: heads.int(0), entries: journal.int(1), accounts: heads.int(1))
    }

    // MARK: Sorted sets

    static func sortedRange(
        _ key: String, _ range: SortedRange, _ sql: StatementCache
    ) throws(SQLFailure) -> [SortedMember] {
        let limit = min(range.limit, StoreLimits.rowsPerRead)
        let rows: Statement
        switch range.bounds {
        case .score(let from, let through):
            rows = try sql(
                range.descending
                    ? """
                    SELECT member, score FROM zset WHERE key = ? AND score BETWEEN ? AND ?
                    ORDER BY score DESC, member DESC LIMIT ?
                    """
                    : """
                    SELECT member, score FROM zset WHERE key = ? AND score BETWEEN ? AND ?
                    ORDER BY score, member LIMIT ?
                    """)
            rows.add(key)
            rows.add(from)
            rows.add(through)
            rows.add(Int64(limit))
        case .rank(let from, let through):
            let count = from < 0 || through < 0 ? try sortedCount(key, scores: nil, sql) : Int(Int32.max)
            let ranks = Rules.ranks(from: from, through: through, count: count)
            rows = try sql(
                range.descending
                    ? "SELECT member, score FROM zset WHERE key = ? ORDER BY score DESC, member DESC LIMIT ? OFFSET ?"
                    : "SELECT member, score FROM zset WHERE key = ? ORDER BY score, member LIMIT ? OFFSET ?")
            rows.add(key)
            rows.add(Int64(min(limit, ranks.count)))
            rows.add(Int64(ranks.lowerBound))
        }
        var members: [SortedMember] = []
        while try rows.step() { members.append(SortedMember(rows.text(0), rows.double(1))) }
        return members
    }

    static func sortedCount(
        _ key: String, scores: ClosedRange<Double>?, _ sql: StatementCache
    ) throws(SQLFailure) -> Int {
        let row: Statement
        if let scores {
            row = try sql("SELECT count(*) FROM zset WHERE key = ? AND score BETWEEN ? AND ?")
            row.add(key)
            row.add(scores.lowerBound)
            row.add(scores.upperBound)
        } else {
            row = try sql("SELECT count(*) FROM zset WHERE key = ?")
            row.add(key)
        }
        defer { row.finish() }
        return try row.step() ? Int(row.int(0)) : 0
    }

    // MARK: Outbox

    static func outbox(limit: Int, now: Int64, _ sql: StatementCache) throws(SQLFailure) -> [OutboxEntry] {
        let rows = try sql(
            "SELECT id, realm, topic, key, body, at, attempts FROM outbox WHERE next_at <= ? ORDER BY id LIMIT ?")
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
