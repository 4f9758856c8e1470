/// Reads of accounts, users and the journal, for any connection. They change nothing.
enum LedgerReads {
    static func userdata(
        realm: String, user: String, site: String, _ sql: Database
    ) throws(SQLFailure) -> String? {
        let row = try sql("SELECT json FROM userdata WHERE realm = ? AND user = ? AND site = ?")
        row.add(realm)
        row.add(user)
        row.add(site)
        guard try row.step() else { return nil }
        defer { row.finish() }
        return row.text(0)
    }

    static func jackpots(realm: String, site: String, _ sql: Database) throws(SQLFailure) -> [Jackpot] {
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

    static func lastGames(_ key: AccountKey, limit: Int, _ sql: Database) throws -> [JournalEntry] {
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
            let entry = try Rows.entry(row, sql)
            guard budget.admits(entry.body.count) else { break }
            entries.append(entry)
            if entry.opensRound { rounds += 1 }
            seq = row.int(13)
        }
        return entries
    }

    static func journal(since seq: Int64, limit: Int, _ sql: Database) throws -> [JournalEntry] {
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
            let entry = try Rows.entry(rows, sql)
            guard budget.admits(entry.body.count) else { break }
            entries.append(entry)
        }
        return entries
    }

    static func sums(_ sql: Database) throws(SQLFailure) -> StoreSums {
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
}
