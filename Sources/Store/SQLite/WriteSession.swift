import GRDBSQLite

/// The writing end of the database and what it remembers between transactions. Owned by the writer thread; never
/// leaves it.
final class WriteSession {
    /// The figures of a head that decide about a transition.
    struct Remembered {
        var account: Int64
        var credits: Int64
        var version: Int64
        var lastSeq: Int64
        var active: GameKey?
        var hasParked: Bool
    }

    let connection: OpaquePointer
    let sql: StatementCache
    let clock: StoreClock
    private let faults: StoreFaults?

    // The statements of every transition.
    let insertJournal: Statement
    let updateHead: Statement
    let updateHeadAndSlot: Statement
    private let beginning: Statement
    private let committing: Statement
    private let dataVersion: Statement

    var heads: [AccountKey: Remembered] = [:]
    var pots: [RealmJackpot: Jackpot] = [:]
    /// Jackpots changed in this transaction; written once at its end.
    var changedPots: Set<RealmJackpot> = []
    /// The journal's last entry and the chain value there.
    var lastSeq: Int64 = 0
    var chain: UInt64 = 0
    var lastValueVersion: Int64 = 0
    var valueVersionChanged = false
    /// Some key may have an expiry, so sweeping is worth while.
    var mayExpire = true
    private var remembersData: Int64?

    init(connection: OpaquePointer, clock: @escaping StoreClock, faults: StoreFaults?) throws(SQLFailure) {
        self.connection = connection
        self.clock = clock
        self.faults = faults
        sql = StatementCache(connection)
        beginning = try Statement(connection, "BEGIN IMMEDIATE")
        committing = try Statement(connection, "COMMIT")
        dataVersion = try Statement(connection, "PRAGMA data_version")
        insertJournal = try Statement(
            connection,
            """
            INSERT INTO journal (\(JournalRow.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """)
        updateHead = try Statement(
            connection, "UPDATE head SET credits = ?, version = ?, last_seq = ? WHERE account = ? AND version = ?")
        updateHeadAndSlot = try Statement(
            connection,
            """
            UPDATE head SET credits = ?, version = ?, last_seq = ?,
              site = ?, game = ?, state_id = ?, engine_version = ?, opened_at = ?, state = ?
            WHERE account = ? AND version = ?
            """)
    }

    // MARK: Transactions

    func begin() throws(SQLFailure) {
        beginning.start()
        try beginning.run()
        // Another process may have written; what is remembered would then be wrong.
        dataVersion.start()
        let current = try dataVersion.step() ? dataVersion.int(0) : 0
        dataVersion.finish()
        if remembersData != current {
            forget()
            try load()
            remembersData = current
        }
    }

    /// `ordered`: passes the fault point of a commit. The sweep, which nobody waits for, does not.
    func finish(ordered: Bool = true) throws(SQLFailure) {
        try writePots()
        if valueVersionChanged {
            let counter = try sql(
                """
                INSERT INTO counter (name, value) VALUES ('kv', ?)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """)
            counter.add(lastValueVersion)
            try counter.run()
            valueVersionChanged = false
        }
        if ordered, let failure = faults?.failure(at: .commit) {
            throw SQLFailure(code: SQLITE_FULL, message: failure.detail)
        }
        committing.start()
        try committing.run()
    }

    /// Undoes the transaction, whatever state it is in, and forgets what was remembered.
    func abort() {
        if sqlite3_get_autocommit(connection) == 0 {
            // A failed ROLLBACK leaves the transaction open only if SQLite ended it already.
            sqlite3_exec(connection, "ROLLBACK", nil, nil, nil)
        }
        forget()
        remembersData = nil
    }

    private func forget() {
        heads.removeAll(keepingCapacity: true)
        pots.removeAll(keepingCapacity: true)
        changedPots.removeAll(keepingCapacity: true)
        valueVersionChanged = false
        mayExpire = true
    }

    private func load() throws(SQLFailure) {
        let last = try sql("SELECT seq, chain FROM journal ORDER BY seq DESC LIMIT 1")
        if try last.step() {
            lastSeq = last.int(0)
            chain = UInt64(bitPattern: last.int(1))
        } else {
            lastSeq = 0
            chain = 0
        }
        last.finish()
        let counter = try sql("SELECT value FROM counter WHERE name = 'kv'")
        lastValueVersion = try counter.step() ? counter.int(0) : 0
        counter.finish()
    }

    /// Passes the fault point of a write.
    func write() throws(SQLFailure) {
        if let failure = faults?.failure(at: .statement) {
            throw SQLFailure(code: SQLITE_IOERR, message: failure.detail)
        }
    }

    // MARK: Jackpots

    func pot(_ key: RealmJackpot) throws(SQLFailure) -> Jackpot? {
        if let known = pots[key] { return known }
        let row = try sql("SELECT value, version FROM jackpot WHERE realm = ? AND site = ? AND id = ?")
        row.add(key.realm.text)
        row.add(key.key.site)
        row.add(key.key.id)
        guard try row.step() else { return nil }
        let pot = Jackpot(key: key.key, value: row.int(0), version: row.int(1))
        row.finish()
        pots[key] = pot
        return pot
    }

    private func writePots() throws(SQLFailure) {
        for key in changedPots {
            guard let pot = pots[key] else { continue }
            try write()
            let row = try sql(
                """
                INSERT INTO jackpot (realm, site, id, value, version) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (realm, site, id) DO UPDATE SET value = excluded.value, version = excluded.version
                """)
            row.add(key.realm.text)
            row.add(key.key.site)
            row.add(key.key.id)
            row.add(pot.value)
            row.add(pot.version)
            try row.run()
        }
        changedPots.removeAll(keepingCapacity: true)
        if pots.count > StoreLimits.rememberedJackpots { pots.removeAll() }
    }
}
