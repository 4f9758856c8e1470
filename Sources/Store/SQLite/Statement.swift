import GRDB
import GRDBSQLite

/// SQLite said no. Ends the transaction it happened in.
struct SQLFailure: Error {
    let code: Int32
    let message: String

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    init(_ connection: OpaquePointer?) {
        code = sqlite3_extended_errcode(connection)
        message = String(cString: sqlite3_errmsg(connection))
    }

    var storeError: StoreError {
        switch code & 0xFF {
        case SQLITE_CORRUPT, SQLITE_NOTADB: StoreError(.corrupt, "sqlite \(code): \(message)")
        default: StoreError(.unavailable, "sqlite \(code): \(message)")
        }
    }
}

/// A prepared statement, used over and over by the thread that owns the connection.
///
/// GRDB opens, configures and migrates; statements on the way of a transition go to SQLite directly, because GRDB's
/// boxed arguments make the insertion of a journal row half as expensive again (measured: 5.5 instead of 3.8 µs).
final class Statement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private var position: Int32 = 0
    private var failure: Int32 = SQLITE_OK

    init(_ connection: OpaquePointer, _ sql: String) throws(SQLFailure) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else { throw SQLFailure(connection) }
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    // MARK: Parameters, in order

    /// Makes the statement ready for the next parameters.
    func start() {
        sqlite3_reset(handle)
        position = 0
        failure = SQLITE_OK
    }

    func add(_ value: Int64) { note(sqlite3_bind_int64(handle, next(), value)) }

    func add(_ value: UInt64) { add(Int64(bitPattern: value)) }

    func add(_ value: Double) { note(sqlite3_bind_double(handle, next(), value)) }

    func add(_ value: Int64?) {
        if let value { add(value) } else { addNull() }
    }

    func addNull() { note(sqlite3_bind_null(handle, next())) }

    func add(_ text: String) {
        var text = text
        let place = next()
        note(text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(handle, place, $0.baseAddress ?? Statement.nothing, Int32($0.count), Statement.copied)
            }
        })
    }

    func add(_ bytes: [UInt8]) {
        let place = next()
        note(bytes.withUnsafeBytes {
            $0.isEmpty
                ? sqlite3_bind_zeroblob(handle, place, 0)
                : sqlite3_bind_blob(handle, place, $0.baseAddress, Int32($0.count), Statement.copied)
        })
    }

    func add(_ id: StateID) {
        let place = next()
        note(withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) {
            sqlite3_bind_blob(handle, place, $0.baseAddress, 16, Statement.copied)
        })
    }

    /// SQLite copies the bytes before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
    /// An address for empty texts: a null pointer would bind NULL.
    private static var nothing: UnsafePointer<CChar> {
        UnsafeRawPointer(("" as StaticString).utf8Start).assumingMemoryBound(to: CChar.self)
    }

    private func next() -> Int32 {
        position += 1
        return position
    }

    private func note(_ code: Int32) {
        if code != SQLITE_OK, failure == SQLITE_OK { failure = code }
    }

    // MARK: Execution

    /// Runs to the next row; false at the end. After the end or a failure the statement is reset.
    func step() throws(SQLFailure) -> Bool {
        guard failure == SQLITE_OK else { throw SQLFailure(code: failure, message: "binding a parameter") }
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        default:
            let failure = SQLFailure(connection)
            sqlite3_reset(handle)
            throw failure
        }
    }

    /// Runs a statement that returns no rows.
    func run() throws(SQLFailure) {
        while try step() {}
    }

    /// Runs a statement that writes; answers how many rows it inserted, updated or deleted.
    func change() throws(SQLFailure) -> Int32 {
        try run()
        return sqlite3_changes(connection)
    }

    /// Gives up the rows not read.
    func finish() { sqlite3_reset(handle) }

    // MARK: Columns of the current row

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    /// An id column; nil if it does not hold 16 bytes.
    func id(_ column: Int32) -> StateID? {
        guard let start = sqlite3_column_blob(handle, column), sqlite3_column_bytes(handle, column) == 16 else {
            return nil
        }
        return StateID(
            high: UInt64(bigEndian: start.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}

/// Prepared statements by their text, for those that are not on the way of every transition.
final class StatementCache {
    let connection: OpaquePointer
    private var statements: [String: Statement] = [:]

    init(_ connection: OpaquePointer) { self.connection = connection }

    /// The statement of `sql` (a literal of this target, so their number is bounded), started.
    func callAsFunction(_ sql: String) throws(SQLFailure) -> Statement {
        if let known = statements[sql] {
            known.start()
            return known
        }
        let statement = try Statement(connection, sql)
        statements[sql] = statement
        return statement
    }
}
