import Bytes
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension SQLiteStore {
    /// Moves entries of the journal that are older than `before` into compressed files in the folder of archives, which
    /// ``verify(path:archives:seal:)`` and ``JournalHistory`` read as if they were still there. A server may work on the store
    /// meanwhile. Blocks: not on an event loop.
    ///
    /// What the store needs of old entries stays in it as well: the latest entry and the state of each account, entries that later
    /// ones are written as a difference from, and those of kind `adjustment`, whose ids may come again. The file does not become
    /// smaller; what is free in it is used for new entries.
    ///
    /// It can be interrupted at any moment, by a crash as well, and called again: a file is whole on the disk before the store
    /// names it, and the store names it before the first entry is deleted.
    /// - Parameters:
    ///   - before: Milliseconds since 1970.
    ///   - archives: Folder of the archives, made if it is not there; nil: `archive`, beside the store.
    ///   - progress: Told the name of each file once the store names it.
    /// - Throws: ``StoreError``: `lost` if there is no store, `invalid` if no server of this release has opened it yet, `busy` if
    ///   somebody else writes into the folder, else as ``verify(path:archives:seal:)``.
    public static func archive(
        path: String, before: Int64, archives: String? = nil, progress: (String) -> Void = { _ in }
    ) throws(StoreError) -> ArchiveReport {
        let archiver = try Archiver(path: path, folder: archives ?? ArchivedPiece.folder(of: path))
        return try archiver.run(before: before, progress)
    }
}

/// What was archived.
public struct ArchiveReport: Hashable, Sendable {
    /// Entries that are in files now and were not before, and the files' bytes.
    public internal(set) var entries = 0
    public internal(set) var files: [String] = []
    public internal(set) var bytes = 0
    /// Rows that were deleted from the store, those of an interrupted run included.
    public internal(set) var deleted = 0
    /// The last entry that is in a file; 0 for none.
    public internal(set) var lastSeq: Int64 = 0
}

/// One run of archiving. Owned by one thread.
///
///     rows of the journal ──► file.part ──► synced, read again ──► its name ──► row in table `archive` ──► rows deleted
struct Archiver {
    /// How much at a time. Others than these are for tests.
    struct Bounds {
        var fileEntries = StoreLimits.archiveFileEntries
        var fileEntriesMin = StoreLimits.archiveFileEntriesMin
        var fileBytes = StoreLimits.archiveFileBytes
        var keptEntries = StoreLimits.unarchivedEntries
        var deletedRows = StoreLimits.archiveDeletedRows
        /// Milliseconds between two deletions.
        var pause = StoreLimits.archivePause
    }

    /// Where a run can be interrupted, for tests.
    enum Moment: CaseIterable {
        case beforeFile, fileWithoutName, fileWithoutRow, rowsNotDeleted, someRowsDeleted
    }

    /// How long SQLite waits for the server between two of its own looks; longer, and it would look less and less often.
    private static let turn = Duration.milliseconds(20)

    private let sql: Database
    private let path: String
    private let folder: String
    var bounds = Bounds()
    /// Called at each moment; what it throws ends the run there.
    var interruption: (Moment) throws(StoreError) -> Void = { _ throws(StoreError) in }

    init(path: String, folder: String) throws(StoreError) {
        self.path = path
        self.folder = folder
        // Opening would make one.
        guard access(path, R_OK | W_OK) == 0 else { throw StoreError(.lost, "\(path): \(String(cString: strerror(errno)))") }
        do {
            sql = try Database(path: path, lockWait: Self.turn)
            guard try Schema.version(sql) == Schema.current, try sql.version() == Schema.current else {
                throw StoreError(.invalid, "its schema is that of an earlier release; start the server once, it brings it up to date")
            }
            try Tuning.apply(to: sql)
        } catch {
            throw SQLiteStore.storeError(error, path)
        }
    }

    func run(before: Int64, _ progress: (String) -> Void) throws(StoreError) -> ArchiveReport {
        defer { sql.close() }
        do {
            var report = ArchiveReport()
            try makeFolder()
            // Drafts have the names of files: two runs would write into the same one.
            let lock = try ArchiveLock(folder: folder)
            defer { withExtendedLifetime(lock) {} }
            try writeHeads()
            let pieces = try ArchivedPiece.all(sql)
            var last = pieces.last
            let end = try end(after: last?.last ?? 0, before: before)
            while (last?.last ?? 0) < end {
                let first = (last?.last ?? 0) + 1
                let lines = try lines(from: first, through: end)
                guard lines.count >= bounds.fileEntriesMin else { break }
                last = try write(lines, after: last, &report)
                progress(last?.name ?? "")
            }
            report.lastSeq = last?.last ?? 0
            try interruption(.rowsNotDeleted)
            report.deleted = try delete(through: report.lastSeq)
            try removeDrafts()
            return report
        } catch let error as StoreError {
            throw error
        } catch {
            throw SQLiteStore.storeError(error, path)
        }
    }

    // MARK: Which entries

    /// Brings the heads up to the end of the journal: after a crash they may be far behind, and entries that they do not contain stay.
    private func writeHeads() throws {
        let session = try WriteSession(sql, clock: systemWallClock, outboxMost: 0, faults: nil)
        try inTurn {
            do throws(SQLFailure) {
                try session.begin()
                try session.ledger.writeHeads()
                try session.finish(ordered: false)
            } catch {
                session.abort()
                throw error
            }
        }
    }

    /// The last entry that may go: older than `before` as all before it, with its account's head written, and not one of the latest,
    /// which a start checks.
    private func end(after archived: Int64, before: Int64) throws(SQLFailure) -> Int64 {
        let last = try sql.integer("SELECT max(seq) FROM journal") ?? 0
        let end = min(try Rows.counter("heads", sql), last - bounds.keptEntries)
        let young = try sql("SELECT seq FROM journal WHERE seq > ? AND at >= ? ORDER BY seq LIMIT 1")
        young.add(archived)
        young.add(before)
        defer { young.finish() }
        return try young.step() ? min(end, young.int(0) - 1) : end
    }

    private func lines(from first: Int64, through end: Int64) throws -> [JournalLine] {
        let rows = try Statement(sql.connection, "SELECT \(JournalRow.columns) FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq")
        rows.add(first)
        rows.add(end)
        var lines: [JournalLine] = []
        var bytes = 0
        while lines.count < bounds.fileEntries, bytes < bounds.fileBytes, try rows.step() {
            guard let (row, chain) = try JournalRow.read(rows, sql), row.seq == first + Int64(lines.count),
                let key = try Rows.key(of: row.account, sql)
            else { throw StoreError(.corrupt, "\(path): journal entry \(first + Int64(lines.count)); nightjar verify lists what is wrong") }
            bytes += row.state.count + row.body.count + 512
            lines.append(JournalLine(row: row, chain: chain, key: key))
        }
        return lines
    }

    /// A server under load writes one transaction after the other and leaves gaps of microseconds: they have to be watched for.
    private func inTurn(_ body: () throws -> Void) throws {
        let deadline = ContinuousClock.now + .milliseconds(StoreLimits.archivePatience)
        while true {
            do { return try body() } catch let failure as SQLFailure where failure.isBusy && ContinuousClock.now < deadline {}
        }
    }

    // MARK: Files

    private func makeFolder() throws(StoreError) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw StoreError(.unavailable, "\(folder): \(String(cString: strerror(errno)))") }
    }

    private func write(_ lines: [JournalLine], after last: ArchivedPiece?, _ report: inout ArchiveReport) throws -> ArchivedPiece {
        try interruption(.beforeFile)
        // A damaged entry must not become a sound file.
        var chain = last?.chain ?? 0
        for line in lines {
            guard line.row.chain(after: chain) == line.chain else {
                throw StoreError(.corrupt, "\(path): the checksum of journal entry \(line.row.seq) does not fit; nightjar verify lists what is wrong")
            }
            chain = line.chain
        }
        let (bytes, seal) = try ArchiveFile.encode(lines, after: last?.seal ?? .empty)
        let first = (last?.last ?? 0) + 1
        let delta = lines.reduce(Int64(0)) { $0 &+ $1.row.delta }
        let usual = ArchiveFile.name(first: first, last: seal.seq)
        var piece = ArchivedPiece(first: first, last: seal.seq, name: usual, delta: delta, chain: chain, seal: seal)
        piece.name = try piece.place(in: folder).name
        let target = folder + "/" + piece.name
        try SQLiteStore.write(bytes, to: target + ".part")
        let written = try ArchiveFile(path: target + ".part")
        guard written.lines == lines, written.seal == seal, written.problem == nil else {
            throw StoreError(.corrupt, "\(target).part: it is read otherwise than it was written")
        }
        try interruption(.fileWithoutName)
        guard rename(target + ".part", target) == 0 else { throw StoreError(.unavailable, "\(target): \(String(cString: strerror(errno)))") }
        try SQLiteStore.sync(folder)
        try interruption(.fileWithoutRow)
        try inTurn {
            try sql.transaction {
                guard try ArchivedPiece.lastSeq(sql) == first - 1 else {
                    throw StoreError(.busy, "\(path): another nightjar archive works on it")
                }
                try piece.insert(sql)
            }
        }
        report.entries += lines.count
        report.files.append(piece.name)
        report.bytes += bytes.count
        return piece
    }

    /// What an interrupted run left. A file that got its name but not its row is written over by the next run, or stays unused.
    private func removeDrafts() throws(StoreError) {
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix("journal-"), name.hasSuffix(".part") { unlink(folder + "/" + name) }
        }
    }

    // MARK: Deleting

    /// Deletes the rows up to `last` that nothing in the store needs, some at a time, with pauses for a server that also writes.
    private func delete(through last: Int64) throws -> Int {
        guard last > 0 else { return 0 }
        // Found without keeping the server waiting; what it writes meanwhile is looked at within each transaction.
        var bases = BaseRows()
        try bases.look(sql, archived: last)
        var deleted = 0
        var place: Int64 = 0
        while place < last {
            var count = 0
            try inTurn {
                try sql.transaction {
                    try bases.look(sql, archived: last)
                    count = try deleteSome(after: &place, through: last, bases)
                }
            }
            deleted += count
            if count > 0 {
                try interruption(.someRowsDeleted)
                // On the command's own thread, never a loop: a server beside it gets its turns at the file.
                usleep(UInt32(bounds.pause) * 1_000)
            }
        }
        return deleted
    }

    private func deleteSome(after place: inout Int64, through last: Int64, _ bases: BaseRows) throws(SQLFailure) -> Int {
        let rows = try sql(
            "SELECT j.seq, \(BaseRows.isNeeded) FROM journal j LEFT JOIN head h ON h.account = j.account WHERE j.seq > ? AND j.seq <= ? ORDER BY j.seq LIMIT ?")
        rows.add(place)
        rows.add(last)
        rows.add(Int64(bounds.deletedRows))
        var found = 0
        var unneeded: [Int64] = []
        while try rows.step() {
            found += 1
            place = rows.int(0)
            if rows.int(1) == 0, !bases.seqs.contains(place) { unneeded.append(place) }
        }
        if found < bounds.deletedRows { place = last }
        for seq in unneeded {
            let deletion = try sql("DELETE FROM journal WHERE seq = ?")
            deletion.add(seq)
            try deletion.run()
        }
        return unneeded.count
    }
}

/// The rows that others are written as a difference from (``JournalPacking``).
struct BaseRows {
    /// Whether the row j of the journal, whose head is h, is needed by something else than a difference. An entry that is not needed
    /// once is never needed again: heads and parked games go forward only.
    static let isNeeded = """
        (h.account IS NULL OR j.seq = h.last_seq OR j.seq = h.state_seq OR j.kind = 'adjustment' \
        OR EXISTS (SELECT 1 FROM parked p WHERE p.account = j.account AND p.state_seq = j.seq))
        """

    private(set) var seqs: Set<Int64> = []
    private var looked: Int64 = 0

    /// Looks through the rows that are new since the last look: those behind `archived`, and those up to it that stay.
    mutating func look(_ sql: Database, archived: Int64) throws(SQLFailure) {
        let rows = try sql(
            """
            SELECT j.seq, substr(j.body, 1, 12) FROM journal j LEFT JOIN head h ON h.account = j.account
            WHERE j.seq > ? AND substr(j.body, 1, 1) IN (x'01', x'02') AND (j.seq > ? OR \(Self.isNeeded)) ORDER BY j.seq
            """)
        rows.add(looked)
        rows.add(archived)
        while try rows.step() {
            if let base = JournalPacking.base(of: rows.int(0), body: rows.bytes(1)), base <= archived { seqs.insert(base) }
        }
        looked = try sql.integer("SELECT max(seq) FROM journal") ?? 0
    }
}
