import GRDBSQLite

/// The writing end of the database and what it remembers between transactions. Owned by the writer thread; never
/// leaves it.
final class WriteSession {
    /// The figures of a head that decide about a transition. An object, so that a transition looks it up once.
    final class Remembered {
        let account: Int64
        var credits: Int64
        var version: Int64
        var lastSeq: Int64
        /// The journal row that holds the active game's state; 0 for none.
        var stateSeq: Int64
        var active: GameKey?
        var hasParked: Bool
        /// The head in the database is older than this.
        var isUnwritten = false

        init(
            account: Int64, credits: Int64, version: Int64, lastSeq: Int64, stateSeq: Int64 = 0,
            active: GameKey? = nil, hasParked: Bool = false
        ) {
            self.account = account
            self.credits = credits
            self.version = version
            self.lastSeq = lastSeq
            self.stateSeq = stateSeq
            self.active = active
            self.hasParked = hasParked
        }
    }

    /// The answer to a transition, for the case that it comes again.
    struct Answered {
        var account: Int64
        var credits: Int64
        var version: Int64
    }

    let connection: OpaquePointer
    let sql: StatementCache
    let outbox: OutboxWriter
    let clock: StoreClock
    private let faults: StoreFaults?

    // The statements of every transition.
    let insertJournal: Statement
    private let beginning: Statement
    private let committing: Statement
    private let dataVersion: Statement

    var heads: [AccountKey: Remembered] = [:]
    /// Those of `heads` that are unwritten.
    private(set) var unwritten: [Remembered] = []
    /// All journal entries up to this one are contained in the database's heads.
    private var writtenSeq: Int64 = 0
    private var answered: [StateID: Answered] = [:]
    /// The keys of `answered` as a ring, oldest at `oldestID`.
    private var answeredIDs: [StateID] = []
    private var oldestID = 0
    /// Those of this transaction.
    private var newIDs: [StateID] = []
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
    /// The `data_version` of which the heads, the journal's end and the like are remembered; nil after a failure.
    private var remembersData: Int64?
    private var knowsIDsOf: Int64?

    init(connection: OpaquePointer, clock: @escaping StoreClock, faults: StoreFaults?) throws(SQLFailure) {
        self.connection = connection
        self.clock = clock
        self.faults = faults
        sql = StatementCache(connection)
        beginning = try Statement(connection, "BEGIN IMMEDIATE")
        committing = try Statement(connection, "COMMIT")
        dataVersion = try Statement(connection, "PRAGMA data_version")
        insertJournal = try Statement(connection, JournalRow.insertion)
        outbox = OutboxWriter(sql) { [faults] () throws(SQLFailure) in try WriteSession.pass(faults) }
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
            if knowsIDsOf != current { try loadIDs() }
            remembersData = current
            knowsIDsOf = current
        }
        newIDs.removeAll(keepingCapacity: true)
    }

    /// `ordered`: passes the fault point of a commit. The sweep, which nobody waits for, does not.
    func finish(ordered: Bool = true) throws(SQLFailure) {
        try writePots()
        if lastSeq - writtenSeq >= StoreLimits.unwrittenEntries || heads.count > StoreLimits.rememberedHeads {
            try writeHeads()
        }
        if valueVersionChanged {
            try setCounter("kv", lastValueVersion)
            valueVersionChanged = false
        }
        if ordered, let failure = faults?.failure(at: .commit) {
            throw SQLFailure(code: SQLITE_FULL, message: failure.detail)
        }
        committing.start()
        try committing.run()
        if heads.count > StoreLimits.rememberedHeads, unwritten.isEmpty { heads.removeAll(keepingCapacity: true) }
    }

    private func setCounter(_ name: String, _ value: Int64) throws(SQLFailure) {
        let counter = try sql(
            "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        counter.add(name)
        counter.add(value)
        try counter.run()
    }

    /// Brings the heads of the database up to the end of the journal.
    func writeHeads() throws(SQLFailure) {
        if unwritten.isEmpty { return }
        try write()
        // In the order of the table, so that neighbors are written into the same page at once.
        for head in unwritten.sorted(by: { $0.account < $1.account }) {
            // OR FAIL: without it SQLite copies the page before each row, to be able to undo the statement alone.
            let row = try sql(
                "UPDATE OR FAIL head SET credits = ?, version = ?, last_seq = ?, state_seq = ? WHERE account = ?")
            row.add(head.credits)
            row.add(head.version)
            row.add(head.lastSeq)
            row.add(head.stateSeq)
            row.add(head.account)
            guard try row.change() == 1 else { throw SQLFailure(code: 0, message: "account \(head.account) is gone") }
        }
        try setCounter("heads", lastSeq)
        writtenSeq = lastSeq
        for head in unwritten { head.isUnwritten = false }
        unwritten.removeAll(keepingCapacity: true)
    }

    /// To be called after every change of a head.
    func noteUnwritten(_ head: Remembered) {
        if head.isUnwritten { return }
        head.isUnwritten = true
        unwritten.append(head)
    }

    /// Undoes the transaction, whatever state it is in, and forgets what was remembered.
    func abort() {
        if sqlite3_get_autocommit(connection) == 0 {
            // A failed ROLLBACK leaves the transaction open only if SQLite ended it already.
            sqlite3_exec(connection, "ROLLBACK", nil, nil, nil)
        }
        for id in newIDs { answered[id] = nil }
        newIDs.removeAll(keepingCapacity: true)
        forget()
        remembersData = nil
    }

    private func forget() {
        heads.removeAll(keepingCapacity: true)
        unwritten.removeAll(keepingCapacity: true)
        pots.removeAll(keepingCapacity: true)
        changedPots.removeAll(keepingCapacity: true)
        outbox.forget()
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
        lastValueVersion = try Rows.counter("kv", sql)
        try loadUnwritten()
    }

    /// Takes the heads that were not written from the end of the journal.
    private func loadUnwritten() throws(SQLFailure) {
        writtenSeq = try Rows.counter("heads", sql)
        let rows = try sql(
            """
            SELECT j.seq, h.realm, h.user, h.denom, j.credits, j.version, j.slot, j.site, j.game
            FROM journal j JOIN head h ON h.account = j.account WHERE j.seq > ? ORDER BY j.seq
            """)
        rows.add(writtenSeq)
        while try rows.step() {
            let key = AccountKey(realm: rows.text(1), user: rows.text(2), denom: rows.text(3))
            guard let head = try remembered(key), head.lastSeq < rows.int(0) else { continue }
            head.lastSeq = rows.int(0)
            head.credits = rows.int(4)
            head.version = rows.int(5)
            switch rows.int(6) {
            case 1:
                head.stateSeq = head.lastSeq
                head.active = GameKey(site: rows.text(7), game: rows.text(8))
            case 2:
                head.stateSeq = 0
                head.active = nil
            default: break
            }
            noteUnwritten(head)
        }
    }

    // MARK: Ids

    func answer(_ id: StateID) -> Answered? { answered[id] }

    func remember(_ id: StateID, _ answer: Answered) {
        newIDs.append(id)
        keep(id, answer)
    }

    private func keep(_ id: StateID, _ answer: Answered) {
        if answeredIDs.count < StoreLimits.rememberedIDs {
            answeredIDs.append(id)
        } else {
            answered[answeredIDs[oldestID]] = nil
            answeredIDs[oldestID] = id
            oldestID = (oldestID + 1) % StoreLimits.rememberedIDs
        }
        answered[id] = answer
    }

    private func loadIDs() throws(SQLFailure) {
        answered = [:]
        answeredIDs = []
        oldestID = 0
        let rows = try sql("SELECT id, account, credits, version FROM journal WHERE seq > ? ORDER BY seq")
        rows.add(lastSeq - Int64(StoreLimits.rememberedIDs))
        while try rows.step() {
            guard let id = rows.id(0) else { continue }
            keep(id, Answered(account: rows.int(1), credits: rows.int(2), version: rows.int(3)))
        }
    }

    /// Passes the fault point of a write.
    func write() throws(SQLFailure) { try WriteSession.pass(faults) }

    private static func pass(_ faults: StoreFaults?) throws(SQLFailure) {
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
