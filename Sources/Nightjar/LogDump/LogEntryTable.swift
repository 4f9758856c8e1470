import GRDB

/// The table `LogEntry` of an SQLite file. May be used from any thread; the work is done on a queue of its own.
struct LogEntryTable: Sendable {
    let queue: DatabaseQueue

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
        var configuration = Configuration()
        // Others may read while entries come in. A commit survives the end of the process, not of the power.
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(lockWait / .seconds(1))
        let missing: [String]
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            missing = try queue.write { db in
                try db.execute(sql: Self.schema)
                let present = Set(try db.columns(in: "LogEntry").map { $0.name.lowercased() })
                return Self.columns.filter { !present.contains($0) }
            }
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
    /// - Throws: GRDB's error, if the file is locked, full or broken.
    func insert(_ rows: [LogRow]) async throws {
        try await queue.write { db in
            let statement = try db.cachedStatement(
                sql: "INSERT INTO LogEntry (\(Self.columns.joined(separator: ", "))) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            for row in rows {
                try statement.execute(arguments: [
                    row.clientTime, row.level, row.msg, row.user, row.room, row.serverTime, row.sequence, row.text,
                ])
            }
        }
    }

    /// Ends the use of the file; failing to is of no consequence.
    func close() { try? queue.close() }
}
