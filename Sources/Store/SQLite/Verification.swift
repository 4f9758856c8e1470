extension SQLiteStore {
    /// Opens the store at `path` for reading only and checks it: the file, its schema, users' data, the chain over the
    /// journal, archives included, that ids are unique, that every head is the fold of its journal, that ledger and balances have
    /// the same sum. May run beside a server (it then checks one moment) and after a crash. Blocks: not on an event loop.
    /// - Parameters:
    ///   - archives: Folder of the archives; nil: `archive`, beside the store.
    ///   - seal: What the journal was when somebody noted it.
    /// - Throws: ``StoreError``: `foreign`, `newer`, `corrupt` or `unavailable` if there is nothing to check.
    public static func verify(path: String, archives: String? = nil, seal: JournalSeal? = nil) throws(StoreError) -> StoreReport {
        do {
            let database = try Database(
                path: path, access: .readOnly, lockWait: .milliseconds(StoreLimits.lockWait))
            defer { database.close() }
            guard try Schema.version(database) > 0 else { throw StoreError(.foreign, "empty, not a store of Nightjar") }
            try database.run("BEGIN")
            var verification = Verification(sql: database, archives: archives ?? ArchivedPiece.folder(of: path), noted: seal)
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
        var spent: Int64 = 0
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
    private let archives: String
    private let noted: JournalSeal?
    private var report = StoreReport()
    private var folds: [Int64: Fold] = [:]
    private var names: [Int64: AccountKey] = [:]
    private var writtenSeq: Int64 = 0
    /// The row before, as it says itself: going on from there names each damaged row once.
    private var chain: UInt64 = 0
    private var expected: Int64 = 1
    private var seal = JournalSeal.empty
    /// Nothing was left out, so that balances can be compared with what the entries add up to, and a seal is one.
    private var isWhole = true
    /// Entries up to this one are older than the sum of what was spent.
    private var spentSince: Int64 = 0
    /// Of entries up to this one only what is called a stake was counted.
    private var stakesSince: Int64 = 0

    init(sql: Database, archives: String, noted: JournalSeal?) {
        self.sql = sql
        self.archives = archives
        self.noted = noted
    }

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
        guard isWhole else { return report.note(.archive, "balances and seals were not checked, for entries are missing") }
        try checkHeads()
        try checkJackpots()
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
        let strays = try sql(
            """
            SELECT d.user, d.site, d.realm FROM userdata d
            WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.realm = d.realm AND u.uid = d.user)
              AND NOT EXISTS (SELECT 1 FROM head h WHERE h.realm = d.realm AND h.user = d.user)
            ORDER BY 1, 2
            """)
        while try strays.step() {
            report.note(.owner, "data of \(strays.text(0)) on site \(strays.text(1)): there is no such user at \(strays.text(2)), and no account")
        }
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
        spentSince = try Schema.hasSpending(sql) ? Rows.counter("spent_since", sql) : .max
        stakesSince = try Schema.stakesSince(sql)
        let pieces = try ArchivedPiece.all(sql)
        for piece in pieces { try checkArchive(piece) }
        let archived = pieces.last?.last ?? 0
        let rows = try sql("SELECT \(JournalRow.columns) FROM journal WHERE seq > ? ORDER BY seq")
        rows.add(archived)
        while try rows.step() {
            report.entries += 1
            guard let (row, stored) = try JournalRow.read(rows, sql) else {
                report.note(.row, seq: rows.int(0), "unreadable")
                expected = rows.int(0) &+ 1
                chain = UInt64(bitPattern: rows.int(15))
                seal.skip(to: rows.int(0))
                continue
            }
            try check(JournalLine(row: row, chain: stored, key: try key(of: row.account) ?? AccountKey(realm: "", user: "", denom: "")))
        }
        if isWhole { report.seal = seal }
        if let noted, noted.seq > expected &- 1 { report.note(.seal, "the journal ends at entry \(expected &- 1), the seal is of entry \(noted.seq)") }
    }

    private mutating func check(_ line: JournalLine) throws {
        let row = line.row
        // Numbers of a damaged file may be any.
        if row.seq > expected {
            report.note(.chain, seq: row.seq, "entries \(expected) to \(row.seq &- 1) are missing")
        } else if row.seq < expected {
            report.note(.chain, seq: row.seq, "it comes again")
        }
        if row.chain(after: chain) != line.chain { report.note(.chain, seq: row.seq, "checksum") }
        chain = line.chain
        expected = row.seq &+ 1
        if row.kind == TransitionKind.opening.rawValue { try checkOwner(row) }
        add(row)
        seal.skip(to: row.seq &- 1)
        seal.add(line.text)
        if let noted, noted.seq == row.seq, noted != seal {
            report.note(.seal, seq: row.seq, "something up to here was changed since the seal was noted; it is \(seal) now")
        }
    }

    /// Is the account still whose its first entry says it is? What names are beside it in an archive is compared there.
    private mutating func checkOwner(_ row: JournalRow) throws {
        // Without a head that is what is told.
        guard let key = try key(of: row.account) else { return }
        switch OpeningBody.verdict(row.body, on: key) {
        case .silent, .fits(userID: nil): break
        case .differs:
            report.note(
                .owner, seq: row.seq,
                "account \(row.account) is \(key.user)'s in \(key.denom) at \(key.realm), but was opened as \(String(decoding: row.body.prefix(512), as: UTF8.self))")
        case .fits(let id?):
            guard try Rows.userID(realm: key.realm, uid: key.user, sql) != id else { break }
            report.note(.owner, seq: row.seq, "account \(row.account) was opened for the user \(id), who is not \(key.user) at \(key.realm) any more")
        }
    }

    /// A file, and what the journal still has of its entries. Ids are compared within the file, and with the adjustments of all times,
    /// which stay in the journal.
    private mutating func checkArchive(_ piece: ArchivedPiece) throws {
        let file: ArchiveFile
        do throws(StoreError) {
            file = try ArchiveFile(path: archives + "/" + piece.name)
            guard file.first == piece.first, file.last == piece.last else {
                throw StoreError(.corrupt, "\(piece.name) is not as it was made: it has entries \(file.first) to \(file.last)")
            }
        } catch {
            report.note(.archive, seq: piece.first, "entries \(piece.first) to \(piece.last): \(error.detail)")
            isWhole = false
            chain = piece.chain
            expected = piece.last &+ 1
            return
        }
        var ids: Set<StateID> = []
        // Beyond 64 bits it wraps, as that which was stored with the file.
        var sum: Int64 = 0
        var lines: [Int64: JournalLine] = [:]
        for line in file.lines {
            report.entries += 1
            report.archivedEntries += 1
            try check(line)
            if !ids.insert(line.row.id).inserted { report.note(.repeatedID, seq: line.row.seq, "in \(piece.name)") }
            if try key(of: line.row.account) != line.key { report.note(.archive, seq: line.row.seq, "the account's names are not those of the store") }
            sum &+= line.row.delta
            lines[line.row.seq] = line
        }
        if file.problem != nil || file.seal != piece.seal || seal != piece.seal || sum != piece.delta || chain != piece.chain {
            report.note(.archive, seq: piece.first, "\(piece.name) is not as it was made\(file.problem.map { ": \($0)" } ?? "")")
        }
        let rows = try sql("SELECT \(JournalRow.columns) FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq")
        rows.add(piece.first)
        rows.add(piece.last)
        while try rows.step() {
            guard let (row, stored) = try JournalRow.read(rows, sql) else {
                report.note(.row, seq: rows.int(0), "unreadable; its copy is in \(piece.name)")
                continue
            }
            if row != lines[row.seq]?.row || stored != lines[row.seq]?.chain { report.note(.archive, seq: row.seq, "it is another one in \(piece.name)") }
        }
    }

    private mutating func key(of account: Int64) throws(SQLFailure) -> AccountKey? {
        if let known = names[account] { return known }
        let key = try Rows.key(of: account, sql)
        names[account] = key
        return key
    }

    private mutating func add(_ row: JournalRow) {
        var fold = folds[row.account] ?? Fold()
        if let ledger = Rows.ledger(row.ledger) {
            let sum = ledger.reduce(Int128(0)) { $0 + Int128($1.amount) }
            report.ledger += sum
            if row.seq > spentSince {
                let kind = row.seq > stakesSince ? TransitionKind(rawValue: row.kind) : nil
                fold.now.spent = Rules.spent(fold.now.spent, ledger.spent(in: kind))
            }
            if sum != Int128(row.delta) { report.note(.fold, seq: row.seq, "ledger \(sum), change \(row.delta)") }
        } else {
            report.note(.row, seq: row.seq, "unreadable ledger")
        }
        if row.version != fold.now.version &+ 1 || row.previous != fold.now.lastSeq {
            report.note(.fold, seq: row.seq, "version \(row.version) after \(fold.now.version)")
        }
        if Int128(row.credits) != Int128(fold.now.credits) + Int128(row.delta) || row.credits < 0 {
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

    private mutating func checkJackpots() throws {
        guard try Schema.hasJackpotMeters(sql) else { return }
        let rows = try sql("SELECT realm, site, id, \(JackpotRows.columns) FROM jackpot ORDER BY realm, site, id")
        while try rows.step() {
            let jackpot = JackpotRows.jackpot(JackpotKey(site: rows.text(1), id: rows.text(2)), rows, 3)
            if let fault = jackpot.fault { report.note(.jackpot, "\(rows.text(2)) of site \(rows.text(1)), realm \(rows.text(0)): \(fault)") }
        }
    }

    private mutating func checkIDs() throws {
        let rows = try sql("SELECT max(seq), count(*) FROM journal GROUP BY id HAVING count(*) > 1")
        while try rows.step() { report.note(.repeatedID, seq: rows.int(0), "\(rows.int(1)) entries") }
    }

    private mutating func checkHeads() throws {
        // A file of an earlier release, which no server has taken over yet, has no sums of what was spent.
        let spent = try Schema.hasSpending(sql) ? "spent" : "0"
        let rows = try sql("SELECT account, credits, version, last_seq, state_seq, \(spent) FROM head ORDER BY account")
        while try rows.step() {
            report.accounts += 1
            let account = rows.int(0)
            let head = Figures(
                credits: rows.int(1), version: rows.int(2), spent: rows.int(5), lastSeq: rows.int(3), stateSeq: rows.int(4))
            guard let fold = folds.removeValue(forKey: account) else {
                report.heads += Int128(head.credits)
                report.note(.head, "account \(account) has no journal")
                continue
            }
            report.heads += Int128(head.credits) + Int128(fold.now.credits) - Int128(fold.written.credits)
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
