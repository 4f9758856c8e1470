import Bytes
import CSQLite

/// The writing end of the database: one transaction after the other, and the parts that write in it. Owned by the writer
/// thread; never leaves it.
///
///     WriteSession ─ begin, finish, abort
///       ├ ledger  LedgerWriter ─ HeadWriter, JackpotWriter, RecentIDs
///       ├ users   UserWriter
///       ├ keys    KeyValueWriter
///       └ outbox  OutboxWriter
///
/// The parts remember what they read and wrote. It stays right because nobody else writes; `begin` notices when another
/// process did, `abort` forgets what was undone.
final class WriteSession {
    let sql: Database
    let clock: WallClock
    private let faults: StoreFaults?

    var ledger: LedgerWriter
    let users: UserWriter
    var keys: KeyValueWriter
    let outbox: OutboxWriter

    private let beginning: Statement
    private let committing: Statement
    private let dataVersion: Statement
    /// The data version that what is remembered belongs to; nil if nothing is.
    private var remembersData: Int64?
    /// And the one that the remembered ids belong to: they outlive an `abort`.
    private var knowsIDsOf: Int64?

    init(_ database: Database, clock: @escaping WallClock, outboxMost: Int, faults: StoreFaults?) throws(SQLFailure) {
        sql = database
        self.clock = clock
        self.faults = faults
        let access = WriteAccess(sql: database, clock: clock, faults: faults)
        users = UserWriter(access: access)
        outbox = OutboxWriter(access, most: outboxMost)
        keys = KeyValueWriter(access, outbox: outbox)
        ledger = try LedgerWriter(access, users: users, outbox: outbox)
        beginning = try Statement(database.connection, "BEGIN IMMEDIATE")
        committing = try Statement(database.connection, "COMMIT")
        dataVersion = try Statement(database.connection, "PRAGMA data_version")
    }

    /// Commits a transition and changes its keys.
    func commit(_ transition: Transition) throws(SQLFailure) -> CommitResult {
        let result = try ledger.commit(transition)
        if case .committed = result, !transition.keys.isEmpty { try keys.applyAll(transition.keys) }
        return result
    }

    func begin() throws(SQLFailure) {
        beginning.start()
        try beginning.run()
        // Another process may have written; what is remembered would then be wrong.
        dataVersion.start()
        let current = try dataVersion.step() ? dataVersion.int(0) : 0
        dataVersion.finish()
        if remembersData != current {
            forget()
            try ledger.load()
            try keys.load()
            if knowsIDsOf != current { try ledger.loadIDs() }
            remembersData = current
            knowsIDsOf = current
        }
        ledger.begin()
    }

    /// `ordered`: passes the fault point of a commit. The sweep, which nobody waits for, does not.
    func finish(ordered: Bool = true) throws(SQLFailure) {
        try ledger.finish()
        try keys.finish()
        if ordered, let failure = faults?.failure(at: .commit) {
            throw SQLFailure(code: SQLITE_FULL, message: failure.detail)
        }
        committing.start()
        try committing.run()
        ledger.trim()
    }

    /// Undoes the transaction, whatever state it is in, and forgets what was remembered.
    func abort() {
        sql.rollBack()
        ledger.undo()
        forget()
        remembersData = nil
    }

    /// After a commit of which nobody knows what became: everything is read again.
    func distrust() {
        abort()
        knowsIDsOf = nil
    }

    private func forget() {
        ledger.forget()
        keys.forget()
        outbox.forget()
    }
}
