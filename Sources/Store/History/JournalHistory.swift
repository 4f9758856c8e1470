/// The whole journal of a store in a file, entries in archives included, for commands that look back. It opens the file for
/// reading only, sees one moment of it and may run beside a server. Everything blocks: not on an event loop. Used by one thread.
///
/// A write-ahead log grows as long as somebody looks, so it is made for a look and closed.
public final class JournalHistory {
    private let sql: Database
    private let path: String
    private let pieces: [ArchivedPiece]
    private let folder: String
    /// The file that was read last: entries of one account, or one after the other, mostly lie in the same.
    private var latest: (piece: Int, file: ArchiveFile)?
    private var names: [Int64: AccountKey] = [:]

    /// The last entry; 0 in an empty journal.
    public let lastSeq: Int64
    /// The last entry that is in an archive; 0 for none.
    public var archivedSeq: Int64 { pieces.last?.last ?? 0 }

    /// - Parameter archives: Folder of the archives; nil: `archive`, beside the store.
    /// - Throws: ``StoreError`` as ``SQLiteStore/verify(path:archives:seal:)``.
    public init(path: String, archives: String? = nil) throws(StoreError) {
        do {
            sql = try Database(path: path, access: .readOnly, lockWait: .milliseconds(StoreLimits.lockWait))
            guard try Schema.version(sql) > 0 else { throw StoreError(.foreign, "empty, not a store of Nightjar") }
            try sql.run("BEGIN")
            pieces = try ArchivedPiece.all(sql)
            lastSeq = try sql.integer("SELECT max(seq) FROM journal") ?? 0
        } catch {
            throw SQLiteStore.storeError(error, path)
        }
        self.path = path
        folder = archives ?? ArchivedPiece.folder(of: path)
    }

    // MARK: Entries

    /// Gives the entries from `first` on in their order to `body`, until it says that it has enough.
    public func forEach(from first: Int64 = 1, _ body: (HistoryEntry) throws -> Bool) throws {
        for (index, piece) in pieces.enumerated() where piece.last >= first {
            for line in try file(index).lines where line.row.seq >= first {
                guard try body(try entry(line)) else { return }
            }
        }
        // A statement of its own: `body` may ask for other entries.
        let rows = try Statement(sql.connection, "SELECT \(JournalRow.columns) FROM journal WHERE seq >= ? ORDER BY seq")
        rows.add(max(first, archivedSeq + 1))
        while try rows.step() {
            guard try body(try entry(rows)) else { return }
        }
    }

    /// The entry `seq`; nil if there is none.
    public func entry(_ seq: Int64) throws -> HistoryEntry? {
        guard seq > 0, seq <= lastSeq else { return nil }
        if let index = pieces.firstIndex(where: { $0.last >= seq }) {
            let lines = try file(index).lines
            return try entry(lines[Int(seq - pieces[index].first)])
        }
        let row = try sql("SELECT \(JournalRow.columns) FROM journal WHERE seq = ?")
        row.add(seq)
        defer { row.finish() }
        guard try row.step() else { throw StoreError(.corrupt, "\(path): journal entry \(seq) is missing") }
        return try entry(row)
    }

    /// The account's entries, newest first, from the entry `seq` of it backwards, until `body` says that it has enough.
    public func backwards(from seq: Int64, _ body: (HistoryEntry) throws -> Bool) throws {
        var next = seq
        while let entry = try entry(next) {
            guard try body(entry) else { return }
            guard entry.previous < next else { throw StoreError(.corrupt, "\(path): journal entry \(next)") }
            next = entry.previous
        }
    }

    private func file(_ index: Int) throws(StoreError) -> ArchiveFile {
        if let latest, latest.piece == index { return latest.file }
        latest = nil
        let file = try pieces[index].file(in: folder)
        latest = (index, file)
        return file
    }

    private func entry(_ rows: Statement) throws -> HistoryEntry {
        guard let (row, chain) = try JournalRow.read(rows, sql), let key = try key(of: row.account) else {
            throw StoreError(.corrupt, "\(path): journal entry \(rows.int(0))")
        }
        return try entry(JournalLine(row: row, chain: chain, key: key))
    }

    private func entry(_ line: JournalLine) throws -> HistoryEntry {
        let row = line.row
        guard let kind = TransitionKind(rawValue: row.kind), let ledger = Rows.ledger(row.ledger) else {
            throw StoreError(.corrupt, "\(path): journal entry \(row.seq)")
        }
        let entry = JournalEntry(
            seq: row.seq, account: line.key, id: row.id, at: row.at, kind: kind, opensRound: row.opensRound, version: row.version,
            delta: row.delta, credits: row.credits, ledger: ledger, body: row.body)
        return HistoryEntry(entry: entry, slot: row.slot, previous: row.previous)
    }

    // MARK: Accounts

    private func key(of account: Int64) throws(SQLFailure) -> AccountKey? {
        if let known = names[account] { return known }
        guard let key = try Rows.key(of: account, sql) else { return nil }
        if names.count >= StoreLimits.rememberedHeads { names.removeAll() }
        names[account] = key
        return key
    }

    /// The accounts of whoever has this name, in whatever realm and denomination, by realm and denomination.
    public func accounts(of user: String) throws(StoreError) -> [AccountKey] {
        do {
            let rows = try sql("SELECT realm, user, denom FROM head WHERE user = ? ORDER BY realm, denom")
            rows.add(user)
            var keys: [AccountKey] = []
            while try rows.step() { keys.append(AccountKey(realm: rows.text(0), user: rows.text(1), denom: rows.text(2))) }
            return keys
        } catch { throw SQLiteStore.storeError(error, path) }
    }

    /// The account's last entry; 0 if there is no such account.
    public func lastSeq(of key: AccountKey) throws(StoreError) -> Int64 {
        do { return try LedgerReads.lastSeq(of: key, sql) } catch { throw SQLiteStore.storeError(error, path) }
    }

    /// The entry whose transition has this id, that of its last state; nil if there is none. Looks through the whole journal.
    public func seq(ofTransition id: StateID) throws -> Int64? {
        let row = try sql("SELECT seq FROM journal WHERE id = ? ORDER BY seq DESC LIMIT 1")
        row.add(id)
        defer { row.finish() }
        if try row.step() { return row.int(0) }
        for index in pieces.indices.reversed() {
            if let line = try file(index).lines.last(where: { $0.row.id == id }) { return line.row.seq }
        }
        return nil
    }

    // MARK: Keys

    /// The value of a key that does not expire; nil if there is none.
    public func value(_ key: StoreKey) throws(StoreError) -> [UInt8]? {
        do { return try KeyValueReads.value(key.text, now: 0, sql)?.bytes } catch { throw SQLiteStore.storeError(error, path) }
    }
}

/// An entry of the journal with what it did to the account's games.
public struct HistoryEntry: Hashable, Sendable {
    public let entry: JournalEntry
    /// With the state as it was stored.
    public let slot: SlotChange
    /// The account's entry before; 0 for none.
    public let previous: Int64
}
