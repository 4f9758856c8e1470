/// Reads of keys and sorted sets, for any connection. They change nothing.
enum KeyValueReads {
    static func value(_ key: String, now: Int64, _ sql: Database) throws(SQLFailure) -> StoreValue? {
        let row = try sql("SELECT version, expires_at, value FROM kv WHERE key = ?")
        row.add(key)
        guard try row.step() else { return nil }
        defer { row.finish() }
        let expiresAt = row.isNull(1) ? nil : row.int(1)
        if let expiresAt, expiresAt <= now { return nil }
        return StoreValue(bytes: row.bytes(2), version: row.int(0), expiresAt: expiresAt)
    }

    // MARK: Sorted sets

    static func sortedRange(
        _ key: String, _ range: SortedRange, _ sql: Database
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
        _ key: String, scores: ClosedRange<Double>?, _ sql: Database
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
}
