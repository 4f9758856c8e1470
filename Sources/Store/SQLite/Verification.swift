extension SQLiteStore {
    /// Opens the store at `path` for reading only and checks it: the file, its schema, users' data, the chain over the
    /// journal, that ids are unique, that every head is the fold of its journal, that ledger and balances have the same
    /// sum. May run beside a server (it then checks one moment) and after a crash. Blocks: not on an event loop.
    /// - Throws: ``StoreError``: `foreign`, `newer`, `corrupt` or `unavailable` if there is nothing to check.
    public static func verify(path: String) throws(StoreError) -> StoreReport {
        do {
            let database = try Database(
                path: path, access: .readOnly, lockWait: .milliseconds(StoreLimits.lockWait))
            defer { database.close() }
            guard try Schema.version(database) > 0 else { throw StoreError(.foreign, "empty, not a store of Nightjar") }
            try database.run("BEGIN")
            var verification = Verification(sql: database)
            return try verification.run()
        } catch {
            throw storeError(error, path)
        }
    }
}

/// One check of a store.
private struct Verification {
    /// The figures of a head.
    private struct Figures: Equatable {
        var credits: Int64 = 0
        var version: Int64 = 0
        var lastSeq: Int64 = 0
        var stateSeq: Int64 = 0
    }

    /// An account as its journal rows add up.
    private struct Fold {
        var now = Figures()
        /// As they were when the heads were last written.
        var written = Figures()
        var active: GameKey?
        var parked: [GameKey: Int64] = [:]
        /// More were parked than may be, so one without an open round gave way; which one is not in the journal.
        var gaveWay = false
    }

    let sql: Database
    private var report = StoreReport()
    private var folds: [Int64: Fold] = [:]
    private var writtenSeq: Int64 = 0

    init(sql: Database) { self.sql = sql }

    mutating func run() throws -> StoreReport {
        try checkTables()
        try checkFile()
        let differences = try Schema.differences(sql)
        for difference in differences { report.note(.schema, difference) }
        do { try checkContent() } catch let failure as SQLFailure where !differences.isEmpty {
            // It follows from the schema.
            report.note(.schema, "the rest cannot be checked: \(failure)")
        }
        return report
    }

    private mutating func checkContent() throws {
        try checkUsers()
        try checkCounters()
        try checkJournal()
        try checkIDs()
        try checkHeads()
        if report.ledger != report.heads {
            report.note(.sums, "ledger \(report.ledger), balances \(report.heads)")
        }
    }

    /// - Throws: `invalid` if this is the file of another program.
    private func checkTables() throws {
        var count: Int64 = 0
        let rows = try sql("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('journal', 'head')")
        while try rows.step() { count = rows.int(0) }
        guard count == 2 else { throw StoreError(.invalid, "the file has no journal or no heads") }
    }

    private mutating func checkFile() throws {
        let rows = try sql("PRAGMA integrity_check(\(StoreLimits.listedProblems))")
        while try rows.step() {
            let text = rows.text(0)
            if text != "ok" { report.note(.file, text) }
        }
    }

    private mutating func checkUsers() throws {
        let data = try sql(
            "SELECT user, site FROM userdata WHERE NOT json_valid(json) OR length(CAST(json AS BLOB)) > ? ORDER BY 1, 2")
        data.add(Int64(StoreLimits.userdataBytes))
        while try data.step() { report.note(.userdata, "data of user \(data.text(0)) on site \(data.text(1))") }
        let users = try sql(
            """
            SELECT uid FROM users WHERE NOT json_valid(profile) OR length(CAST(profile AS BLOB)) > ? OR length(id) <> 16
            ORDER BY uid
            """)
        users.add(Int64(StoreLimits.profileBytes))
        while try users.step() { report.note(.userdata, "profile of user \(users.text(0))") }
    }

    private mutating func checkCounters() throws {
        let versions = try sql.integer("SELECT max(version) FROM kv") ?? 0
        let counted = try Rows.counter("kv", sql)
        if counted < versions { report.note(.counter, "versions of keys: \(counted), but \(versions) was given") }
        let heads = try Rows.counter("heads", sql)
        let last = try sql.integer("SELECT max(seq) FROM journal") ?? 0
        if heads > last { report.note(.counter, "heads are of entry \(heads), the journal ends at \(last)") }
    }

    private mutating func checkJournal() throws {
        writtenSeq = try Rows.counter("heads", sql)
        let rows = try sql("SELECT \(JournalRow.columns) FROM journal ORDER BY seq")
        var chain: UInt64 = 0
        var expected: Int64 = 1
        while try rows.step() {
            report.entries += 1
            guard let (row, stored) = try JournalRow.read(rows, sql) else {
                report.note(.row, seq: rows.int(0), "unreadable")
                expected = rows.int(0) + 1
                chain = UInt64(bitPattern: rows.int(15))
                continue
            }
            if row.seq != expected { report.note(.chain, seq: row.seq, "entries \(expected) to \(row.seq - 1) are missing") }
            if row.chain(after: chain) != stored { report.note(.chain, seq: row.seq, "checksum") }
            // Going on from the stored value names each damaged row once.
            chain = stored
            expected = row.seq + 1
            add(row)
        }
    }

    private mutating func add(_ row: JournalRow) {
        var fold = folds[row.account] ?? Fold()
        if let ledger = Rows.ledger(row.ledger) {
            let sum = ledger.reduce(Int64(0)) { $0 &+ $1.amount }
            report.ledger &+= sum
            if sum != row.delta { report.note(.fold, seq: row.seq, "ledger \(sum), change \(row.delta)") }
        } else {
            report.note(.row, seq: row.seq, "unreadable ledger")
        }
        if row.version != fold.now.version + 1 || row.previous != fold.now.lastSeq {
            report.note(.fold, seq: row.seq, "version \(row.version) after \(fold.now.version)")
        }
        if row.credits != fold.now.credits &+ row.delta || row.credits < 0 {
            report.note(.fold, seq: row.seq, "balance \(row.credits) after \(fold.now.credits)")
        }
        switch row.slot {
        case .keep: break
        case .clear:
            fold.active = nil
            fold.now.stateSeq = 0
        case .set(let slot):
            fold.parked[slot.key] = nil
            if let active = fold.active, active != slot.key { fold.parked[active] = fold.now.stateSeq }
            fold.active = slot.key
            fold.now.stateSeq = row.seq
        }
        if fold.parked.count > StoreLimits.parkedPerAccount { fold.gaveWay = true }
        fold.now.version = row.version
        fold.now.credits = row.credits
        fold.now.lastSeq = row.seq
        // A head is made together with the account's first entry, later entries are written behind.
        if row.seq <= writtenSeq || fold.written.lastSeq == 0 { fold.written = fold.now }
        folds[row.account] = fold
    }

    private mutating func checkIDs() throws {
        let rows = try sql("SELECT max(seq), count(*) FROM journal GROUP BY id HAVING count(*) > 1")
        while try rows.step() { report.note(.repeatedID, seq: rows.int(0), "\(rows.int(1)) entries") }
    }

    private mutating func checkHeads() throws {
        let rows = try sql("SELECT account, credits, version, last_seq, state_seq FROM head ORDER BY account")
        while try rows.step() {
            report.accounts += 1
            let account = rows.int(0)
            let head = Figures(
                credits: rows.int(1), version: rows.int(2), lastSeq: rows.int(3), stateSeq: rows.int(4))
            guard let fold = folds.removeValue(forKey: account) else {
                report.heads &+= head.credits
                report.note(.head, "account \(account) has no journal")
                continue
            }
            report.heads &+= head.credits &+ (fold.now.credits &- fold.written.credits)
            if head != fold.written {
                report.note(.head, seq: fold.written.lastSeq, "account \(account): \(head), by its journal \(fold.written)")
            }
            let parked = try Rows.parked(of: account, sql)
            for (key, seq) in parked where fold.parked[key] != seq {
                report.note(.head, seq: seq, "account \(account): parked game \(key.game)")
            }
            if parked.count < fold.parked.count, !fold.gaveWay {
                report.note(.head, seq: fold.now.lastSeq, "account \(account): a parked game is missing")
            }
        }
        for account in folds.keys.sorted() { report.note(.head, "account \(account) is in the journal alone") }
    }
}
