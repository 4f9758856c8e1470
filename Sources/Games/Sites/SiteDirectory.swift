import Bytes
import Foundation
import Host
import Synchronization

/// The local sites: one JSON file each in a folder. Any thread; reading files blocks, so never load on an event loop.
public final class SiteDirectory: Sendable {
    /// Site files are small; a larger one is a mistake.
    static let fileBytesMax = 1 << 20
    /// Sites of one server.
    static let sitesMax = 10_000

    public let path: String
    private let state = Lock(State())

    private struct State {
        var sites: [String: Site] = [:]
        /// File name → the id of the site it last held when it was good.
        var idOfFile: [String: String] = [:]
        var stamps: [String: Stamp] = [:]
    }

    private struct Stamp: Equatable {
        var seconds: Int
        var nanoseconds: Int
        var bytes: Int64
        var inode: UInt64
    }

    /// - Parameter path: The folder; it may be missing, then there are no sites.
    public init(path: String) { self.path = path }

    /// The site called `id`, or nil.
    public func site(_ id: String) -> Site? { state.withLock { $0.sites[id] } }

    /// Path of the file that a site was read from; the folder for one that was not.
    func file(of id: String) -> String { state.withLock { $0.idOfFile.first { $0.value == id }?.key }.map { path + "/" + $0 } ?? path }

    /// All sites, by id.
    public var all: [Site] { state.withLock { $0.sites.values.sorted { $0.id < $1.id } } }

    /// Reads all files. A file that cannot be used leaves the site it held before as it was; a file that is gone takes
    /// its site with it.
    ///
    /// - Returns: What is wrong, by file.
    public func load() -> [SiteProblem] {
        let files = stampedFiles()
        var problems: [SiteProblem] = []
        var fresh = State()
        fresh.stamps = files
        let old = state.withLock { $0 }
        for file in files.keys.sorted() {
            switch read(file) {
            case .success(let site):
                if fresh.sites[site.id] != nil {
                    problems.append(SiteProblem(file: path + "/" + file, line: 1, message: "the site \"\(site.id)\" is defined in another file too"))
                } else {
                    fresh.sites[site.id] = site
                    fresh.idOfFile[file] = site.id
                }
            case .failure(let problem):
                problems.append(problem)
                if let id = old.idOfFile[file], fresh.sites[id] == nil, let site = old.sites[id] {
                    fresh.sites[id] = site
                    fresh.idOfFile[file] = id
                }
            }
        }
        state.withLock { [fresh] in $0 = fresh }
        return problems
    }

    /// Reads the files again if one has changed, come or gone since the last time.
    ///
    /// - Returns: nil when nothing has changed, else what is wrong.
    public func loadIfChanged() -> [SiteProblem]? {
        let files = stampedFiles()
        guard state.withLock({ $0.stamps != files }) else { return nil }
        return load()
    }

    private func read(_ file: String) -> Result<Site, SiteProblem> {
        let name = path + "/" + file
        guard let data = FileManager.default.contents(atPath: name) else {
            return .failure(SiteProblem(file: name, line: 1, message: "cannot be read"))
        }
        guard data.count <= Self.fileBytesMax else {
            return .failure(SiteProblem(file: name, line: 1, message: "is larger than \(Self.fileBytesMax) bytes"))
        }
        return SiteParser.parse([UInt8](data), file: name)
    }

    private func stampedFiles() -> [String: Stamp] {
        var result: [String: Stamp] = [:]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names.sorted().prefix(Self.sitesMax) where name.hasSuffix(".json") && !name.hasPrefix(".") {
            var info = stat()
            guard stat(path + "/" + name, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { continue }
            result[name] = Stamp(
                seconds: Int(info.st_mtim.tv_sec), nanoseconds: Int(info.st_mtim.tv_nsec), bytes: Int64(info.st_size),
                inode: UInt64(info.st_ino))
        }
        return result
    }
}
