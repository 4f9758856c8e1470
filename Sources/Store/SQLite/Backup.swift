#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `write(2)`; by this name, for the store's own are nearer.
private func writeDescriptor(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int { write(descriptor, bytes.baseAddress, bytes.count) }

extension SQLiteStore {
    /// Copies a store into a new file at `target`, checks the copy as ``verify(path:)`` does and only then gives it its name. The
    /// copy is one moment of the store and one file, with mode 0600; it is on the disk when this returns. A server may work on
    /// the store meanwhile; its write-ahead log grows until the copy is made. Blocks: not on an event loop.
    /// - Returns: What the check of the copy found: it is sound.
    /// - Throws: ``StoreError``: `exists` if there is something at `target`, `corrupt` if the copy is not sound (then there is
    ///   none), else as ``verify(path:)``.
    public static func copy(path: String, to target: String) throws(StoreError) -> StoreReport {
        var info = stat()
        if lstat(target, &info) == 0 { throw StoreError(.exists, target) }
        // Of the same folder, so that it can be renamed; a former attempt may have left one.
        let draft = target + ".part"
        remove(draft)
        do throws(StoreError) {
            let report = try makeDraft(path, draft)
            guard report.isSound else {
                throw StoreError(.corrupt, "\(path): \(report.problemCount) problems, the first: \(report.problems.first?.description ?? "")")
            }
            try sync(draft)
            guard rename(draft, target) == 0 else { throw StoreError(.unavailable, "\(target): \(String(cString: strerror(errno)))") }
            try sync(folder(of: target))
            return report
        } catch {
            remove(draft)
            throw error
        }
    }

    private static func makeDraft(_ path: String, _ draft: String) throws(StoreError) -> StoreReport {
        do {
            let lockWait = Duration.milliseconds(StoreLimits.lockWait)
            let source = try Database(path: path, access: .readOnly, lockWait: lockWait)
            defer { source.close() }
            guard try Schema.version(source) > 0 else { throw StoreError(.foreign, "empty, not a store of Nightjar") }
            let copy = try Database(path: draft, lockWait: lockWait)
            defer { copy.close() }
            try source.backUp(into: copy)
            // The original says that there is a write-ahead log; a copy shall be one file.
            try copy.run("PRAGMA journal_mode = DELETE")
        } catch {
            throw storeError(error, path)
        }
        // A backup has no archives beside it: those of the store belong to it, and do not change.
        return try verify(path: draft, archives: ArchivedPiece.folder(of: path))
    }

    /// What the system has of a file or folder goes to the disk.
    static func sync(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { _ = closeDescriptor(descriptor) } }
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            throw StoreError(.unavailable, "\(path): \(String(cString: strerror(errno)))")
        }
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Writes a file that is its user's alone, over one that is there; it is on the disk when this returns.
    static func write(_ bytes: [UInt8], to path: String) throws(StoreError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { if descriptor >= 0 { _ = closeDescriptor(descriptor) } }
        var written = 0
        while descriptor >= 0, written < bytes.count {
            let count = bytes.withUnsafeBytes { writeDescriptor(descriptor, UnsafeRawBufferPointer(rebasing: $0[written...])) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        guard descriptor >= 0, written == bytes.count, fsync(descriptor) == 0 else {
            throw StoreError(.unavailable, "\(path): \(String(cString: strerror(errno)))")
        }
    }

    private static func remove(_ path: String) {
        for end in ["", "-wal", "-shm", "-journal"] { unlink(path + end) }
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

    /// Puts a copy of the store at `backup` in the place of the one at `path`, which keeps its content under the name returned;
    /// nil: there was none. No server may run on it. Blocks: not on an event loop.
    /// - Throws: ``StoreError`` as ``copy(path:to:)``; the store at `path` is as it was then.
    public static func restore(path: String, from backup: String, stamp: String) throws(StoreError) -> (report: StoreReport, former: String?) {
        let fresh = path + ".restored"
        remove(fresh)
        let report = try copy(path: backup, to: fresh)
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
        try sync(folder(of: path))
        return (report, former)
    }
}
