import Foundation

extension SQLiteStore {
    /// Puts a copy of the store at `backup` in the place of the one at `path`, which keeps its content under the name returned;
    /// nil: there was none. Archives that the backup refers to come along into the store's folder of archives, those that lie there
    /// already stay. One whose name is another store's file there gets a name with its seal. No server may run on it. Blocks: not on an event loop.
    /// - Parameter archives: Where the backup's archives lie; nil: in the folder `archive` beside it.
    /// - Throws: ``StoreError`` as ``copy(path:to:archives:)``, and `archive_missing`, which names them, or `exists` with the file that
    ///   is in an archive's way; the store at `path` is as it was then.
    public static func restore(
        path: String, from backup: String, archives: String? = nil, stamp: String
    ) throws(StoreError) -> (report: StoreReport, former: String?) {
        let fresh = path + ".restored"
        let folder = ArchivedPiece.folder(of: path)
        remove(fresh)
        let brought = try bringArchives(of: backup, from: archives ?? ArchivedPiece.folder(of: backup), to: folder)
        let report: StoreReport
        do throws(StoreError) {
            report = try copy(path: backup, to: fresh, archives: folder, renamed: brought.renamed)
        } catch {
            for file in brought.files { unlink(file) }
            throw error
        }
        var former: String?
        var info = stat()
        if stat(path, &info) == 0 {
            let aside = freeName("\(path).before-\(stamp)")
            // The log first: a file without its log is an older store, a log without its file is nothing.
            for end in ["-wal", "-shm", ""] where rename(path + end, aside + end) != 0 && errno != ENOENT {
                throw StoreError(.unavailable, "\(path + end): \(String(cString: strerror(errno)))")
            }
            former = aside
        }
        guard rename(fresh, path) == 0 else { throw StoreError(.unavailable, "\(path): \(String(cString: strerror(errno)))") }
        try sync(self.folder(of: path))
        return (report, former)
    }

    /// Copies the archives that a backup refers to and that are not in `folder`.
    /// - Returns: The files that were made, and the archives that have another name in `folder`.
    private static func bringArchives(
        of backup: String, from source: String, to folder: String
    ) throws(StoreError) -> (files: [String], renamed: [String: String]) {
        let pieces = try archivedPieces(of: backup)
        let files = FileManager.default
        var renamed: [String: String] = [:]
        var wanted: [(piece: ArchivedPiece, file: String)] = []
        for piece in pieces {
            let (name, isThere) = try piece.place(in: folder)
            if name != piece.name { renamed[piece.name] = name }
            if !isThere { wanted.append((piece, folder + "/" + name)) }
        }
        let missing = wanted.map(\.piece.name).filter { !files.fileExists(atPath: source + "/" + $0) }
        guard missing.isEmpty else {
            throw StoreError(.archiveMissing, "\(missing.count) of \(pieces.count) archives of it are not in \(source): \(missing.prefix(3).joined(separator: ", "))")
        }
        for piece in wanted.map(\.piece) {
            do throws(StoreError) { _ = try piece.file(in: source) } catch { throw StoreError(.archiveMissing, error.detail) }
        }
        guard !wanted.isEmpty else { return ([], renamed) }
        var made: [String] = []
        do {
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let lock = try ArchiveLock(folder: folder)
            defer { withExtendedLifetime(lock) {} }
            for (piece, file) in wanted {
                let draft = file + ".part"
                try write([UInt8](Data(contentsOf: URL(fileURLWithPath: source + "/" + piece.name))), to: draft)
                guard rename(draft, file) == 0 else { throw StoreError(.unavailable, "\(file): \(String(cString: strerror(errno)))") }
                made.append(file)
            }
            try sync(folder)
            return (made, renamed)
        } catch {
            for file in made { unlink(file) }
            throw error as? StoreError ?? StoreError(.unavailable, "\(source): its archives cannot be copied to \(folder)")
        }
    }

    /// The archives' files that an open store refers to and that are not in its folder.
    static func missingArchives(_ sql: Database, _ path: String) -> [String] {
        let folder = ArchivedPiece.folder(of: path)
        let names = (try? ArchivedPiece.all(sql).map(\.name)) ?? []
        return names.filter { !FileManager.default.isReadableFile(atPath: folder + "/" + $0) }
    }

    /// The archives that a store refers to.
    private static func archivedPieces(of path: String) throws(StoreError) -> [ArchivedPiece] {
        do {
            let sql = try Database(path: path, access: .readOnly, lockWait: .milliseconds(StoreLimits.lockWait))
            defer { sql.close() }
            _ = try Schema.version(sql)
            let pieces = try ArchivedPiece.all(sql)
            // A name is a file's in that folder, whatever somebody has written into the row.
            if let odd = pieces.map(\.name).first(where: { $0.contains("/") || $0.hasPrefix(".") }) {
                throw StoreError(.corrupt, "archive \(odd) has no name of an archive")
            }
            return pieces
        } catch {
            throw storeError(error, path)
        }
    }

    /// The name, or one with a number behind it: what was put aside in the same second is kept as well, and a log that lies beside
    /// it must not come to lie beside another file.
    private static func freeName(_ name: String) -> String {
        func isTaken(_ name: String) -> Bool {
            var info = stat()
            return ["", "-wal", "-shm"].contains { lstat(name + $0, &info) == 0 }
        }
        var free = name
        var number = 1
        while isTaken(free) {
            number += 1
            free = "\(name)-\(number)"
        }
        return free
    }
}
