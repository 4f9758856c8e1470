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
        let rows = try sql("SELECT id, \(JackpotRows.columns) FROM jackpot WHERE realm = ? AND site = ? ORDER BY id")
        rows.add(realm)
        rows.add(site)
        var jackpots: [Jackpot] = []
        while try rows.step() { jackpots.append(JackpotRows.jackpot(JackpotKey(site: site, id: rows.text(0)), rows, 1)) }
        return jackpots
    }

    // MARK: Open rounds

    static func overdue(
        openedBefore moment: Int64, after cursor: Int64, limit: Int, _ sql: Database
    ) throws(SQLFailure) -> OverduePage {
        // Heads are written behind, so an account may be among the latest entries only; those come with the first page.
        var accounts = try cursor == 0 ? latest(openedBefore: moment, sql) : []
        let rows = try sql(
            """
            SELECT h.account, h.realm, h.user, h.denom, coalesce(j.opened_at, 0), (
              SELECT coalesce(min(o.opened_at), 0) FROM parked p JOIN journal o ON o.seq = p.state_seq
              WHERE p.account = h.account AND o.opened_at > 0)
            FROM head h LEFT JOIN journal j ON j.seq = h.state_seq WHERE h.account > ? ORDER BY h.account LIMIT ?
            """)
        rows.add(cursor)
        rows.add(Int64(StoreLimits.headsPerPage))
        defer { rows.finish() }
        let known = Set(accounts)
        var found = 0
        var seen = 0
        var last = cursor
        while found < limit, try rows.step() {
            seen += 1
            last = rows.int(0)
            let (active, parked) = (rows.int(4), rows.int(5))
            guard active > 0 && active < moment || parked > 0 && parked < moment else { continue }
            found += 1
            let key = AccountKey(realm: rows.text(1), user: rows.text(2), denom: rows.text(3))
            if !known.contains(key) { accounts.append(key) }
        }
        return OverduePage(accounts: accounts, next: found == limit || seen == StoreLimits.headsPerPage ? last : nil)
    }

    /// Those of entries that no head contains yet.
    private static func latest(openedBefore moment: Int64, _ sql: Database) throws(SQLFailure) -> [AccountKey] {
        let rows = try sql(
            """
            SELECT DISTINCT h.realm, h.user, h.denom FROM journal j JOIN head h ON h.account = j.account
            WHERE j.seq > ? AND j.opened_at > 0 AND j.opened_at < ?
            """)
        rows.add(try Rows.counter("heads", sql))
        rows.add(moment)
        defer { rows.finish() }
        var accounts: [AccountKey] = []
        while try rows.step() { accounts.append(AccountKey(realm: rows.text(0), user: rows.text(1), denom: rows.text(2))) }
        return accounts
    }

    // MARK: Journal

    /// The account's last entry; 0 if there is no such account.
    static func lastSeq(of key: AccountKey, _ sql: Database) throws(SQLFailure) -> Int64 {
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
        defer { last.finish() }
        return try last.step() ? max(last.int(0), last.int(1)) : 0
    }

    static func lastGames(_ key: AccountKey, limit: Int, _ sql: Database) throws -> [JournalEntry] {
        var seq = try lastSeq(of: key, sql)
        let archived = try ArchivedPiece.lastSeq(sql)
        var entries: [JournalEntry] = []
        var budget = ReadBudget(rows: limit * StoreLimits.rowsPerGame)
        var rounds = 0
        while rounds < limit, seq > archived {
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
        // What is left of archived entries would be a journal with holes.
        rows.add(max(seq, try ArchivedPiece.lastSeq(sql)))
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
        let journal = try sql(
            """
            WITH a AS (SELECT coalesce(sum(delta), 0) AS delta, coalesce(max(last), 0) AS last FROM archive)
            SELECT a.delta + coalesce((SELECT sum(delta) FROM journal WHERE seq > a.last), 0),
              a.last + (SELECT count(*) FROM journal WHERE seq > a.last) FROM a
            """)
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
