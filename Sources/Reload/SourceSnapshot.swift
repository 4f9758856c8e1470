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

    init() {}

    func read(_ path: String) throws(FileFailure) -> [UInt8] {
        if let entry = entries[path] { return try entry.content.get() }
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
