import Bytes
import LuaRuntime
import Synchronization

/// The sites as the package `casino` last described them. Any thread.
public final class SiteDirectory: Sendable {
    private let sites = Lock<[String: Site]>([:])
    private let putCount = Atomic(0)

    public init() {}

    /// The site called `id`, or nil.
    public func site(_ id: String) -> Site? { sites.withLock { $0[id] } }

    /// All sites, by id.
    public var all: [Site] { sites.withLock { $0.values.sorted { $0.id < $1.id } } }

    /// Why a site is not taken over.
    enum Refusal: String, Error {
        /// Something of it is missing or of another type.
        case bad = "bad_site"
        /// There are as many as there may be, or their descriptions are too long together.
        case full

        var detail: String {
            switch self {
            case .bad: "the site lacks something"
            case .full: "there are \(SiteDirectory.sitesMax) sites, or more than \(SiteDirectory.bytesMax >> 20) MiB of them"
            }
        }
    }

    /// Sites at a time: as many as there may be files of them.
    static let sitesMax = CasinoModule.sitesMax
    /// Bytes of their descriptions: `put` may be called by any package, for ever new sites.
    static let bytesMax = 16 << 20

    /// Reads one site, described as JSON text; nil when it cannot be read. One that is as it was is the same object.
    func read(site text: [UInt8]) -> Site? {
        let wrapped = Array("{\"site\":".utf8) + text + Array("}".utf8)
        return wrapped.withUnsafeBytes { bytes in (try? JSONObject(bytes))?["site"].flatMap { Site($0) } }.map(known)
    }

    /// Reads a list of sites as JSON text; nil when it cannot be read. Those that are as they were are the same objects, so that what
    /// was derived from them holds.
    func read(list text: [UInt8]) -> [Site]? {
        // The scanner looks at objects.
        let wrapped = Array("{\"sites\":".utf8) + text + Array("}".utf8)
        return wrapped.withUnsafeBytes { bytes in
            guard let list = (try? JSONObject(bytes))?["sites"]?.elements else { return nil }
            let sites = list.compactMap { Site($0) }
            return sites.count == list.count ? sites.map(known) : nil
        }
    }

    private func known(_ fresh: Site) -> Site {
        guard let old = site(fresh.id), old.text == fresh.text else { return fresh }
        return old
    }

    /// How often a single site was taken over.
    var puts: Int { putCount.load(ordering: .relaxed) }

    /// Why a site could not be taken over now.
    func refusal(of site: Site) -> Refusal? { sites.withLock { Self.hasRoom(for: site, among: $0) } ? nil : .full }

    private static func hasRoom(for site: Site, among known: [String: Site]) -> Bool {
        let others = known.values.lazy.filter { $0.id != site.id }
        return others.count < sitesMax && others.reduce(site.text.count, { $0 + $1.text.count }) <= bytesMax
    }

    /// Takes over one site. Nothing is changed when it is refused.
    func put(_ site: Site) throws(Refusal) {
        let isTaken: Bool = sites.withLock { known in
            guard Self.hasRoom(for: site, among: known) else { return false }
            known[site.id] = site
            putCount.add(1, ordering: .relaxed)
            return true
        }
        if !isTaken { throw .full }
    }

    /// Reads one site and takes it over.
    @discardableResult
    func put(_ text: [UInt8]) throws(Refusal) -> Site {
        guard let site = read(site: text) else { throw .bad }
        try put(site)
        return site
    }

    /// Takes over these sites in place of all there were; of two with one id the last.
    ///
    /// - Parameter puts: As it was before the list was asked for; nil: whatever it is.
    /// - Returns: False, and nothing is changed, if a single site was taken over since.
    @discardableResult
    func replace(with all: [Site], after puts: Int? = nil) -> Bool {
        sites.withLock {
            guard puts ?? self.puts == self.puts else { return false }
            $0 = Dictionary(all.map { ($0.id, $0) }) { _, last in last }
            return true
        }
    }

    /// Reads a list and takes it over. False, and nothing is changed, when it cannot be read.
    func replace(_ text: [UInt8]) -> Bool {
        guard let list = read(list: text) else { return false }
        replace(with: list)
        return true
    }
}
