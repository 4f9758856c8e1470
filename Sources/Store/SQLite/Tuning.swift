/// Settings of the database, chosen by measurement: transitions in groups of 64 with a state of 1,200 bytes and a
/// body of 1,500.
enum Tuning {
    /// Bytes of a page. Rows of 3 KB come one after another, so large pages mean fewer writes: 12 a group instead
    /// of 64 with pages of 4 KiB.
    static let pageSize = 16_384
    /// Memory for pages, in KiB.
    static let cacheKiB = 65_536
    /// Pages in the write-ahead log at which it is copied into the file. More would hardly save anything, as the
    /// journal's pages are written once, but would make the pause longer.
    static let checkpointPages = 1_000

    /// Bytes that the log keeps once all of it is in the file: twice what it has when it is copied. A long reader (a backup, a
    /// check) lets it grow far beyond, and SQLite alone would keep it as long as it ever was.
    static let logBytes = 2 * checkpointPages * pageSize

    /// For the connection that writes.
    static func apply(to database: Database) throws(SQLFailure) {
        // The page size first: it is settled by the first thing written.
        try database.run(
            """
            PRAGMA page_size = \(pageSize);
            PRAGMA cache_size = -\(cacheKiB);
            PRAGMA temp_store = MEMORY;
            PRAGMA wal_autocheckpoint = \(checkpointPages);
            PRAGMA journal_mode = WAL;
            PRAGMA journal_size_limit = \(logBytes);
            PRAGMA synchronous = FULL;
            """)
    }
}
