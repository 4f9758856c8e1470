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

    /// Takes over one site, described as JSON text; nil, and nothing is changed, when it cannot be read. One that is as it was stays
    /// the same object.
    func put(_ text: [UInt8]) -> Site? {
        let wrapped = Array("{\"site\":".utf8) + text + Array("}".utf8)
        let fresh = wrapped.withUnsafeBytes { bytes in (try? JSONObject(bytes))?["site"].flatMap { Site($0) } }
        guard let fresh else { return nil }
        return sites.withLock { known in
            if let old = known[fresh.id], old.text == fresh.text { return old }
            known[fresh.id] = fresh
            return fresh
        }
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
