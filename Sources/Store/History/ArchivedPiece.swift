#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What the store knows of an archive's file: a row of the table `archive`. From this row on the file is where these entries are;
/// rows of the journal that are still there are copies.
struct ArchivedPiece: Equatable {
    var first: Int64
    var last: Int64
    /// Of the file, in the folder of archives.
    var name: String
    /// The sum of the entries' changes.
    var delta: Int64
    /// The checksum of the last entry.
    var chain: UInt64
    /// Of the last entry.
    var seal: JournalSeal

    /// In their order.
    static func all(_ sql: Database) throws -> [ArchivedPiece] {
        // A store that no server of this release has opened has no such table.
        guard try sql.tables().contains("archive") else { return [] }
        let rows = try sql("SELECT first, last, name, delta, chain, seal FROM archive ORDER BY first")
        defer { rows.finish() }
        var pieces: [ArchivedPiece] = []
        while try rows.step() {
            guard let seal = JournalSeal(seq: rows.int(1), hex: rows.text(5)), rows.int(0) == (pieces.last?.last ?? 0) &+ 1, rows.int(1) >= rows.int(0)
            else { throw StoreError(.corrupt, "what the store says of archive \(rows.text(2)) is damaged") }
            pieces.append(
                ArchivedPiece(
                    first: rows.int(0), last: rows.int(1), name: rows.text(2), delta: rows.int(3),
                    chain: UInt64(bitPattern: rows.int(4)), seal: seal))
        }
        return pieces
    }

    /// The last entry that is in a file; 0 for none.
    static func lastSeq(_ sql: Database) throws(SQLFailure) -> Int64 { try sql.integer("SELECT max(last) FROM archive") ?? 0 }

    func insert(_ sql: Database) throws(SQLFailure) {
        let row = try sql("INSERT INTO archive (first, last, name, delta, chain, seal) VALUES (?, ?, ?, ?, ?, ?)")
        row.add(first)
        row.add(last)
        row.add(name)
        row.add(delta)
        row.add(chain)
        row.add(seal.hex)
        try row.run()
    }

    /// The file, read, and found to be the one that the store means.
    func file(in folder: String) throws(StoreError) -> ArchiveFile {
        let path = folder + "/" + name
        let file = try ArchiveFile(path: path)
        guard file.first == first, file.seal == seal else { throw StoreError(.corrupt, "\(path): it is not the file that the store has made") }
        if let problem = file.problem { throw StoreError(.corrupt, "\(path): \(problem)") }
        return file
    }

    /// The name that the file has, or is to get, in a folder that may hold archives of other stores, for instance after a restore, which
    /// stay what they are: the piece's own unless that is another file's, then the one with its seal.
    /// - Returns: Also whether the file is there.
    /// - Throws: ``StoreError`` `exists` if the name with the seal is another file's, too.
    func place(in folder: String) throws(StoreError) -> (name: String, isThere: Bool) {
        for name in [name, ArchiveFile.name(first: first, last: last, seal: seal)] {
            var info = stat()
            guard lstat(folder + "/" + name, &info) == 0 else { return (name, false) }
            var named = self
            named.name = name
            if (try? named.file(in: folder)) != nil { return (name, true) }
        }
        throw StoreError(.exists, "\(folder)/\(ArchiveFile.name(first: first, last: last, seal: seal))")
    }

    /// Where the archives of a store lie unless said otherwise.
    static func folder(of store: String) -> String { SQLiteStore.folder(of: store) + "/archive" }
}
