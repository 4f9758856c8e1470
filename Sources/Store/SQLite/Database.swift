import CSQLite

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `close(2)`; by this name, for ``Database/close()`` is nearer.
func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) }

/// A connection to an SQLite file: statements by their text, transactions, the version of the schema, backup, checkpoint.
///
/// Belongs to one thread at a time; opened without SQLite's own locks. Who hands it to another thread says so there.
/// Everything blocks, so never on an event loop.
package final class Database {
    package enum Access: Sendable {
        /// Makes the file, with mode 0600, if it is not there.
        case readWrite
        case readOnly
        /// A database of its own that is gone with the connection; the path does not matter.
        case memory
    }

    let connection: OpaquePointer
    private var statements: [String: Statement] = [:]
    private var isClosed = false

    /// - Parameter lockWait: How long one statement waits for another process that writes.
    /// - Throws: ``SQLFailure`` if the file cannot be opened. That it is no database shows at the first statement.
    package init(path: String, access: Access = .readWrite, lockWait: Duration) throws(SQLFailure) {
        if access == .readWrite { Database.make(path) }
        var connection: OpaquePointer?
        let flags = SQLITE_OPEN_NOMUTEX | (access == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE)
        let code = sqlite3_open_v2(access == .memory ? ":memory:" : path, &connection, flags, nil)
        guard code == SQLITE_OK, let connection else {
            let failure = connection.map { SQLFailure($0) } ?? SQLFailure(code: code, message: "out of memory")
            sqlite3_close_v2(connection)
            throw failure
        }
        self.connection = connection
        sqlite3_busy_timeout(connection, Int32(clamping: Int64(lockWait / .milliseconds(1))))
    }

    /// SQLite would make it with what the process's mask allows; its other files get the mode of this one.
    /// A failure shows when SQLite opens it.
    private static func make(_ path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor >= 0 { _ = closeDescriptor(descriptor) }
    }

    /// The last thing done with it. SQLite closes the file once the last statement that somebody still holds is gone.
    package func close() {
        if isClosed { return }
        isClosed = true
        statements = [:]
        sqlite3_close_v2(connection)
    }

    deinit { close() }

    // MARK: Statements

    /// The statement of `sql`, prepared once and started. For literals, so that their number is bounded. One that is
    /// still being read must not be asked for again.
    package func callAsFunction(_ sql: String) throws(SQLFailure) -> Statement {
        if let known = statements[sql] {
            known.start()
            return known
        }
        let statement = try Statement(connection, sql)
        statements[sql] = statement
        return statement
    }

    /// Runs any number of statements without parameters; what they return is not looked at.
    package func run(_ sql: String) throws(SQLFailure) {
        guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw SQLFailure(connection) }
    }

    /// The first column of the first row; nil if there is no row.
    package func integer(_ sql: String) throws(SQLFailure) -> Int64? {
        let row = try Statement(connection, sql)
        return try row.step() ? row.int(0) : nil
    }

    // MARK: Transactions

    /// Runs `body` in a transaction that may write from its beginning on; undone if `body` throws.
    package func transaction<Value>(_ body: () throws -> Value) throws -> Value {
        try run("BEGIN IMMEDIATE")
        do {
            let value = try body()
            try run("COMMIT")
            return value
        } catch {
            rollBack()
            throw error
        }
    }

    /// Ends a transaction, whatever state it is in, and undoes it. Nothing if there is none.
    func rollBack() {
        // A failed ROLLBACK leaves the transaction open only if SQLite ended it already.
        if sqlite3_get_autocommit(connection) == 0 { sqlite3_exec(connection, "ROLLBACK", nil, nil, nil) }
    }

    // MARK: Schema

    /// How far the schema is, as `PRAGMA user_version` keeps it; 0 in a new file.
    package func version() throws(SQLFailure) -> Int { Int(try integer("PRAGMA user_version") ?? 0) }

    /// Within the transaction, so that the mark is set together with what it stands for.
    package func setVersion(_ version: Int) throws(SQLFailure) { try run("PRAGMA user_version = \(version)") }

    /// The names of all tables that are not SQLite's own.
    package func tables() throws(SQLFailure) -> Set<String> {
        try texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    }

    /// The names of a table's columns in lower case; empty if there is no such table.
    package func columns(of table: String) throws(SQLFailure) -> Set<String> {
        try texts("SELECT lower(name) FROM pragma_table_info(?)", table)
    }

    private func texts(_ sql: String, _ parameter: String? = nil) throws(SQLFailure) -> Set<String> {
        let rows = try Statement(connection, sql)
        if let parameter { rows.add(parameter) }
        var texts: Set<String> = []
        while try rows.step() { texts.insert(rows.text(0)) }
        return texts
    }

    // MARK: The file

    /// Copies the write-ahead log into the file as far as readers let it, and shortens the log to nothing.
    package func checkpoint() throws(SQLFailure) {
        // A connection that has not read anything yet does not know that there is a log.
        _ = try integer("PRAGMA schema_version")
        guard sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil) == SQLITE_OK else {
            throw SQLFailure(connection)
        }
    }

    /// Copies one moment of the whole database into `target`, whose content is replaced; others may write meanwhile.
    package func backUp(into target: Database) throws(SQLFailure) {
        guard let backup = sqlite3_backup_init(target.connection, "main", connection, "main") else {
            throw SQLFailure(target.connection)
        }
        // All pages in one step: the copy is of one moment, and a reader keeps no writer waiting in a write-ahead log.
        let code = sqlite3_backup_step(backup, -1)
        let end = sqlite3_backup_finish(backup)
        guard code == SQLITE_DONE, end == SQLITE_OK else { throw SQLFailure(target.connection) }
    }
}
