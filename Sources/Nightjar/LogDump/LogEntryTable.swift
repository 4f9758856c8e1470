import Dispatch
import Store

/// The table `LogEntry` of an SQLite file. May be used from any thread; the work is done on a queue of its own.
///
/// `@unchecked Sendable`: `database` is touched on `queue` alone, but for `init`, before anybody else has it.
final class LogEntryTable: @unchecked Sendable {
    private let database: Database
    private let queue = DispatchQueue(label: "log-entries")

    /// `Id` counts up and is never used twice.
    private static let schema = """
        CREATE TABLE IF NOT EXISTS LogEntry (
          Id INTEGER PRIMARY KEY AUTOINCREMENT,
          client_time DATETIME,
          level VARCHAR(10),
          msg TEXT,
          user TEXT,
          room TEXT,
          server_time DATETIME,
          seq_number BIGINT,
          text TEXT
        )
        """
    private static let columns = ["client_time", "level", "msg", "user", "room", "server_time", "seq_number", "text"]

    /// Opens or makes the file and the table. Blocks: not on an event loop.
    /// - Parameter lockWait: How long one attempt waits for another program that writes. Short locks are nothing to
    ///   speak of; see `LogDumper` for longer ones.
    /// - Throws: ``LogDumpError``: `database_open`, or `database_columns` if there is a table of that name with other columns.
    init(path: String, lockWait: Duration = .seconds(1)) throws(LogDumpError) {
        let missing: [String]
        do {
            let database = try Database(path: path, lockWait: lockWait)
            // Others may read while entries come in. A commit survives the end of the process, not of the power.
            try database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
            try database.run(Self.schema)
            let present = try database.columns(of: "LogEntry")
            missing = Self.columns.filter { !present.contains($0) }
            self.database = database
        } catch {
            throw LogDumpError(
                code: "database_open",
                description: "the database \(path) cannot be opened: \(error). Its folder must exist and be writable, and the file must be an SQLite database.")
        }
        guard missing.isEmpty else {
            throw LogDumpError(
                code: "database_columns",
                description: "the table LogEntry in \(path) lacks \(missing.joined(separator: ", ")). Give another file, or rename the table.")
        }
    }

    /// Adds the rows in their order, all or none.
    /// - Throws: ``SQLFailure``, if the file is locked, full or broken.
    func insert(_ rows: [LogRow]) async throws {
        try await onQueue { database in
            try database.transaction {
                for row in rows {
                    let statement = try database(Self.insertion)
                    for text in [row.clientTime, row.level, row.msg, row.user, row.room, row.serverTime] { statement.add(text) }
                    statement.add(row.sequence)
                    statement.add(row.text)
                    try statement.run()
                }
            }
        }
    }

    private static let insertion =
        "INSERT INTO LogEntry (\(columns.joined(separator: ", "))) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

    /// Runs `body` where the database may be touched.
    func onQueue<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body(self.database) }) }
        }
    }

    /// The last thing done with it; waits for what is under way.
    func close() { queue.sync { database.close() } }
}
