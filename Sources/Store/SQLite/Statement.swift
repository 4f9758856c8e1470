import CSQLite

/// A prepared statement, used over and over by the thread that owns the connection. Parameters are added in their order,
/// each by a call of its own type, so that a journal row is inserted without boxing a value.
package final class Statement {
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
    package func start() {
        sqlite3_reset(handle)
        position = 0
        failure = SQLITE_OK
    }

    package func add(_ value: Int64) { note(sqlite3_bind_int64(handle, next(), value)) }

    func add(_ value: UInt64) { add(Int64(bitPattern: value)) }

    package func add(_ value: Double) { note(sqlite3_bind_double(handle, next(), value)) }

    package func add(_ value: Int64?) {
        if let value { add(value) } else { addNull() }
    }

    package func addNull() { note(sqlite3_bind_null(handle, next())) }

    package func add(_ text: String) {
        var text = text
        let place = next()
        note(text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
                sqlite3_bind_text(handle, place, $0.baseAddress ?? Statement.nothing, Int32($0.count), Statement.copied)
            }
        })
    }

    package func add(_ text: String?) {
        if let text { add(text) } else { addNull() }
    }

    package func add(_ bytes: [UInt8]) {
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
    package func step() throws(SQLFailure) -> Bool {
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
    package func run() throws(SQLFailure) {
        while try step() {}
    }

    /// Runs a statement that writes; answers how many rows it inserted, updated or deleted.
    package func change() throws(SQLFailure) -> Int32 {
        try run()
        return sqlite3_changes(connection)
    }

    /// Gives up the rows not read.
    package func finish() { sqlite3_reset(handle) }

    // MARK: Columns of the current row

    package func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    package func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    package func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

    package func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    package func bytes(_ column: Int32) -> [UInt8] {
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
