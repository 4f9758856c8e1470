import CSQLite

/// SQLite said no. Ends the transaction it happened in.
package struct SQLFailure: Error, CustomStringConvertible {
    /// SQLite's extended result code; 0 if the data are not what they must be.
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

    /// For logs and operators.
    package var description: String { "sqlite \(code): \(message)" }

    /// Another process writes.
    var isBusy: Bool { code & 0xFF == SQLITE_BUSY }

    var storeError: StoreError {
        switch code & 0xFF {
        case SQLITE_CORRUPT, SQLITE_NOTADB: StoreError(.corrupt, description)
        default: StoreError(.unavailable, description)
        }
    }
}
