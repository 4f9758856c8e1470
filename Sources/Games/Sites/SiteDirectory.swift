import Bytes
import LuaRuntime
import Synchronization

/// The sites as the package `casino` last described them. Any thread.
public final class SiteDirectory: Sendable {
    private let sites = Lock<[String: Site]>([:])

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
    }

    /// Sites at a time: as many as there may be files of them.
    static let sitesMax = CasinoModule.sitesMax
    /// Bytes of their descriptions: `put` may be called by any package, for ever new sites.
    static let bytesMax = 16 << 20

    /// Takes over one site, described as JSON text. One that is as it was stays the same object. Nothing is changed when it is refused.
    @discardableResult
    func put(_ text: [UInt8]) throws(Refusal) -> Site {
        let wrapped = Array("{\"site\":".utf8) + text + Array("}".utf8)
        let fresh = wrapped.withUnsafeBytes { bytes in (try? JSONObject(bytes))?["site"].flatMap { Site($0) } }
        guard let fresh else { throw .bad }
        let taken: Site? = sites.withLock { known in
            if let old = known[fresh.id], old.text == fresh.text { return old }
            let others = known.values.lazy.filter { $0.id != fresh.id }
            guard others.count < Self.sitesMax, others.reduce(fresh.text.count, { $0 + $1.text.count }) <= Self.bytesMax else { return nil }
            known[fresh.id] = fresh
            return fresh
        }
        guard let taken else { throw .full }
        return taken
    }

    /// Takes over a list of sites as JSON text; those that are as they were stay the same objects, so that what was derived from
    /// them holds. False, and nothing is changed, when the list cannot be read.
    func replace(_ text: [UInt8]) -> Bool {
        // The scanner looks at objects.
        let wrapped = Array("{\"sites\":".utf8) + text + Array("}".utf8)
        let fresh = wrapped.withUnsafeBytes { bytes -> [Site]? in
            guard let list = (try? JSONObject(bytes))?["sites"]?.elements else { return nil }
            let sites = list.compactMap { Site($0) }
            return sites.count == list.count ? sites : nil
        }
        guard let fresh else { return false }
        sites.withLock { known in
            var sites: [String: Site] = [:]
            for site in fresh {
                let old = known[site.id]
                sites[site.id] = old?.text == site.text ? old : site
            }
            known = sites
        }
        return true
    }
}
