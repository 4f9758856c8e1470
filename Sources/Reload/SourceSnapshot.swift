import Bytes
import Host

/// The files of one prepare. Each is read once, so that all workers see the same bytes whatever is written meanwhile.
final class SourceSnapshot {
    /// Bytes of one file, scripts and data alike. Scripts are far smaller; data files are read whole into a Lua string.
    static let fileBytesMax = 8 << 20

    /// What a file was when it was looked at.
    enum State: Hashable, Sendable {
        case missing
        case unreadable
        case present(Files.Stamp, StableHash)
        /// A folder whose files were listed, by the hash of their names; nil: there was no such folder.
        case listing(StableHash?)
    }

    private struct Entry {
        var content: Result<[UInt8], FileFailure>
        var state: State
    }

    private var entries: [String: Entry] = [:]
    private var listings: [String: [String]?] = [:]
    /// What was read a moment ago, and which of it has been written since.
    private var earlier: (snapshot: SourceSnapshot, written: Set<String>)?

    init() {}

    /// A snapshot of now that does not read again what another one has read.
    ///
    /// - Parameter written: Paths that have been written since, as far as anybody was told: their contents are read in any case.
    init(after snapshot: SourceSnapshot, written: Set<String>) {
        // Of a row of them only the last two are kept.
        snapshot.earlier = nil
        earlier = (snapshot, written)
    }

    func read(_ path: String) throws(FileFailure) -> [UInt8] {
        if let entry = entries[path] ?? unchanged(path) {
            entries[path] = entry
            return try entry.content.get()
        }
        let entry: Entry
        do {
            let (bytes, stamp) = try Files.read(path, limit: Self.fileBytesMax)
            entry = Entry(content: .success(bytes), state: .present(stamp, StableHash(of: bytes)))
        } catch {
            entry = Entry(content: .failure(error), state: error == .missing ? .missing : .unreadable)
        }
        entries[path] = entry
        return try entry.content.get()
    }

    /// What the earlier snapshot has of a file that is as it was.
    private func unchanged(_ path: String) -> Entry? {
        guard let earlier, !earlier.written.contains(path), let entry = earlier.snapshot.entries[path] else { return nil }
        switch entry.state {
        case .present(let stamp, _): return Files.stamp(path) == stamp ? entry : nil
        case .missing: return Files.stamp(path) == nil ? entry : nil
        case .unreadable, .listing: return nil
        }
    }

    /// Whether the file is there; looking for it counts as a dependency like reading it.
    func exists(_ path: String) -> Bool {
        do {
            _ = try read(path)
            return true
        } catch {
            return error != .missing
        }
    }

    func state(_ path: String) -> State { entries[path]?.state ?? .missing }

    /// What a file or folder is now that was something before.
    func look(_ path: String, as former: State) -> State {
        if case .listing = former { return listingState(path) }
        _ = exists(path)
        return state(path)
    }

    /// Names of the files directly in a folder, sorted, without hidden ones; nil: there is no such folder.
    func list(_ path: String) -> [String]? {
        if let known = listings[path] { return known }
        let names = Files.isDirectory(path) ? Files.entries(path).filter { !$0.isDirectory }.map(\.name) : nil
        listings[path] = names
        return names
    }

    /// What `list` saw, to be compared later.
    func listingState(_ path: String) -> State {
        .listing(list(path).map { StableHash(of: $0.joined(separator: "\0")) })
    }
}
