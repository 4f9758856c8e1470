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
    /// - Parameter archives: Where the archives of the store lie; nil: in the folder `archive` beside it.
    /// - Returns: What the check of the copy found: it is sound.
    /// - Throws: ``StoreError``: `exists` if there is something at `target`, `corrupt` if the copy is not sound (then there is
    ///   none), else as ``verify(path:)``.
    public static func copy(path: String, to target: String, archives: String? = nil) throws(StoreError) -> StoreReport {
        try copy(path: path, to: target, archives: archives ?? ArchivedPiece.folder(of: path), renamed: [:])
    }

    /// - Parameter renamed: Archives that have another name for the copy.
    static func copy(path: String, to target: String, archives: String, renamed: [String: String]) throws(StoreError) -> StoreReport {
        var info = stat()
        if lstat(target, &info) == 0 { throw StoreError(.exists, target) }
        // Of the same folder, so that it can be renamed; a former attempt may have left one.
        let draft = target + ".part"
        remove(draft)
        do throws(StoreError) {
            let report = try makeDraft(path, draft, archives, renamed)
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

    private static func makeDraft(_ path: String, _ draft: String, _ archives: String, _ renamed: [String: String]) throws(StoreError) -> StoreReport {
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
            for (name, other) in renamed {
                let row = try copy("UPDATE archive SET name = ? WHERE name = ?")
                row.add(other)
                row.add(name)
                try row.run()
            }
        } catch {
            throw storeError(error, path)
        }
        // A backup has no archives beside it: those of the store belong to it, and do not change.
        return try verify(path: draft, archives: archives)
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

    static func remove(_ path: String) {
        for end in ["", "-wal", "-shm", "-journal"] { unlink(path + end) }
    }
}
