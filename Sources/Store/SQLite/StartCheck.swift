/// What can be found in about a second of what a store may have suffered while it was closed: damaged pages, a schema that
/// was changed, a journal whose end does not hold, heads that do not agree with it. The whole is `SQLiteStore.verify`.
struct StartCheck {
    private let sql: Database
    private let clock = ContinuousClock()
    private let deadline: ContinuousClock.Instant

    init(_ database: Database) {
        sql = database
        deadline = clock.now + .milliseconds(StoreLimits.startCheck)
    }

    /// - Throws: ``StoreError`` with the code `corrupt`, which says what is wrong and what to do; ``SQLFailure``.
    func run() throws {
        try sql.run("BEGIN")
        defer { sql.rollBack() }
        if let problem = try schema() ?? journal() ?? heads() ?? users() ?? pages() {
            throw StoreError(
                .corrupt,
                "the store is damaged: \(problem). Nothing was changed. `nightjar verify` lists everything that is wrong; put back a sound copy of the file")
        }
    }

    private func schema() throws(SQLFailure) -> String? { try Schema.differences(sql).first }

    /// The chain over the latest entries that are not in an archive, from the stored value of the one before them.
    private func journal() throws(SQLFailure) -> String? {
        let last = try sql.integer("SELECT max(seq) FROM journal") ?? 0
        let first = max(try ArchivedPiece.lastSeq(sql) + 1, last - StoreLimits.startCheckEntries + 1)
        let before = try sql("SELECT chain FROM journal WHERE seq = ?1 UNION ALL SELECT chain FROM archive WHERE last = ?1")
        before.add(first - 1)
        var chain: UInt64 = 0
        if try before.step() { chain = UInt64(bitPattern: before.int(0)) }
        before.finish()
        let rows = try sql("SELECT \(JournalRow.columns) FROM journal WHERE seq >= ? ORDER BY seq")
        rows.add(first)
        defer { rows.finish() }
        var expected = first
        while try rows.step() {
            guard let (row, stored) = try JournalRow.read(rows, sql) else { return "journal entry \(rows.int(0)) cannot be read" }
            if row.seq != expected { return "journal entry \(expected) is missing" }
            if row.chain(after: chain) != stored { return "the checksum of journal entry \(row.seq) does not fit" }
            chain = stored
            expected = row.seq + 1
        }
        let written = try Rows.counter("heads", sql)
        if written > last { return "the journal ends at entry \(last), the balances are of entry \(written)" }
        return try changedHeads(since: first, written)
    }

    /// The heads that the latest entries changed: they are there, and not older than what they must contain.
    private func changedHeads(since first: Int64, _ written: Int64) throws(SQLFailure) -> String? {
        let rows = try sql(
            """
            SELECT j.seq FROM journal j LEFT JOIN head h ON h.account = j.account
            WHERE j.seq >= ? AND (h.account IS NULL OR (j.seq <= ? AND h.last_seq < j.seq)) LIMIT 1
            """)
        rows.add(first)
        rows.add(written)
        defer { rows.finish() }
        return try rows.step() ? "the balance that journal entry \(rows.int(0)) changed is missing or older" : nil
    }

    /// Each head against the journal entry it was written at, latest accounts first, for at most half of the time.
    private func heads() throws(SQLFailure) -> String? {
        let half = clock.now + clock.now.duration(to: deadline) / 2
        let rows = try sql(
            """
            SELECT h.account, h.user, h.denom, j.seq IS NOT NULL AND j.account = h.account AND j.credits = h.credits
              AND j.version = h.version AND (h.state_seq = 0 OR (s.account = h.account AND s.slot = 1))
            FROM head h LEFT JOIN journal j ON j.seq = h.last_seq LEFT JOIN journal s ON s.seq = h.state_seq
            ORDER BY h.account DESC
            """)
        defer { rows.finish() }
        var checked = 0
        while try rows.step() {
            if rows.isNull(3) || rows.int(3) == 0 { return "the \(rows.text(2)) account of \(rows.text(1)) is not what the journal says" }
            checked += 1
            if checked % 256 == 0, clock.now > half { break }
        }
        return nil
    }

    /// Users' data, latest rows first, for at most a fifth of the time that is left.
    private func users() throws(SQLFailure) -> String? {
        let end = clock.now + clock.now.duration(to: deadline) / 5
        for (table, column, name) in [("userdata", "json", "user"), ("users", "profile", "uid")] {
            let rows = try Statement(
                sql.connection, "SELECT \(name), json_valid(\(column)) FROM \(table) ORDER BY rowid DESC")
            var checked = 0
            while try rows.step() {
                if rows.int(1) == 0 { return "what the table \(table) has of user \(rows.text(0)) is no JSON" }
                checked += 1
                if checked % 256 == 0, clock.now > end { return nil }
            }
        }
        return nil
    }

    /// SQLite's own check: of the whole file if it is small, else table by table, the journal left out, while there is
    /// time. One table cannot be interrupted.
    private func pages() throws(SQLFailure) -> String? {
        let size = (try sql.integer("PRAGMA page_count") ?? 0) * (try sql.integer("PRAGMA page_size") ?? 0)
        if size <= StoreLimits.startCheckBytes { return try check("") }
        for table in try sql.tables().sorted() where table != "journal" {
            if clock.now > deadline { break }
            if let problem = try check("(\(table))") { return problem }
        }
        return nil
    }

    private func check(_ scope: String) throws(SQLFailure) -> String? {
        let rows = try Statement(sql.connection, "PRAGMA quick_check\(scope)")
        while try rows.step() {
            if rows.text(0) != "ok" { return rows.text(0) }
        }
        return nil
    }
}
