import Bytes
import Metrics
import Synchronization

/// The metrics of all packages. They outlive generations, so a reload neither resets nor doubles them. Any thread.
final class MetricRegistry: Sendable {
    /// Names of one package; each is kept as long as the server runs.
    static let namesMax = 200
    /// Series of one package: names with their different labels. Whoever scrapes keeps each for weeks.
    static let seriesMax = 1_000
    /// Labels of one series.
    static let labelsMax = 8
    /// Bytes of a label's value.
    static let valueBytesMax = 128

    typealias Kind = Exposition.Kind

    enum Refusal: Error {
        case tooMany
        /// The name belongs to another kind, of another package.
        case taken(Kind)
    }

    private enum Metric {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Recorder)
    }

    private struct Key: Hashable {
        var package: String
        var kind: Kind
        var name: String
        /// In order of their names.
        var labels: [[String]]

        init(package: String, kind: Kind, name: String, labels: [String: String]) {
            self.package = package
            self.kind = kind
            self.name = name.replacing(".", with: "_")
            self.labels = labels.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
        }
    }

    private struct Share {
        var names: Set<String> = []
        var series = 0
    }

    private struct State {
        var handles: [Key: Int64] = [:]
        var shares: [String: Share] = [:]
        var metrics: [Metric] = []

        /// A new version of the package has another kind of metric by this name. False: other packages have the former kind too.
        mutating func giveUp(_ name: String, of package: String, in exposition: Exposition) -> Bool {
            let keys = handles.keys.filter { $0.name == name }
            guard !keys.isEmpty, keys.allSatisfy({ $0.package == package }) else { return false }
            for key in keys { handles[key] = nil }
            shares[package]?.series -= keys.count
            exposition.remove(name)
            return true
        }
    }

    private let state = Lock(State())
    private let exposition: Exposition

    init(exposition: Exposition) { self.exposition = exposition }

    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64 && !name.hasPrefix("nightjar")
            && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x5F || $0 == 0x2E }
    }

    /// `package` is set by the host, `le` by histograms.
    static func isLabel(_ name: String) -> Bool {
        isName(name) && !name.contains(".") && name.utf8.first.map { !(0x30...0x39).contains($0) } == true
            && !["package", "le", "overflow"].contains(name) && !name.hasPrefix("__")
    }

    /// The handle of a series that there is already; nil: it would be a new one.
    func known(_ kind: Kind, _ name: String, _ labels: [String: String], package: String) -> Int64? {
        let key = Key(package: package, kind: kind, name: name, labels: labels)
        return state.withLock { $0.handles[key] }
    }

    /// The handle of a series. One too many of a name is counted in the series with the label `overflow`, so that labels that
    /// are too many (ids, say) fail no handler and fill nobody's memory.
    func handle(_ kind: Kind, _ name: String, _ labels: [String: String], package: String) throws(Refusal) -> Int64 {
        var key = Key(package: package, kind: kind, name: name, labels: labels)
        let name = key.name
        let result = state.withLock { state -> Result<Int64, Refusal> in
            if let handle = state.handles[key] { return .success(handle) }
            if let other = exposition.kind(of: name), other != kind, !state.giveUp(name, of: package, in: exposition) {
                return .failure(.taken(other))
            }
            var share = state.shares[package] ?? Share()
            guard share.names.contains(name) || share.names.count < Self.namesMax else { return .failure(.tooMany) }
            if share.series >= Self.seriesMax, !labels.isEmpty {
                key.labels = [["overflow", "true"]]
                if let handle = state.handles[key] { return .success(handle) }
            }
            share.names.insert(name)
            share.series += 1
            state.shares[package] = share
            state.metrics.append(make(key))
            state.handles[key] = Int64(state.metrics.count - 1)
            return .success(Int64(state.metrics.count - 1))
        }
        return try result.get()
    }

    private func make(_ key: Key) -> Metric {
        let dimensions = [("package", key.package)] + key.labels.map { ($0[0], $0[1]) }
        return switch key.kind {
        case .counter: .counter(Counter(label: key.name, dimensions: dimensions, factory: exposition))
        case .gauge: .gauge(Gauge(label: key.name, dimensions: dimensions, factory: exposition))
        case .histogram: .histogram(Recorder(label: key.name, dimensions: dimensions, aggregate: true, factory: exposition))
        }
    }

    private func metric(_ handle: Int64) -> Metric? {
        state.withLock { $0.metrics.indices.contains(Int(handle)) ? $0.metrics[Int(handle)] : nil }
    }

    func counter(_ handle: Int64) -> Counter? { if case .counter(let counter)? = metric(handle) { counter } else { nil } }
    func gauge(_ handle: Int64) -> Gauge? { if case .gauge(let gauge)? = metric(handle) { gauge } else { nil } }
    func histogram(_ handle: Int64) -> Recorder? { if case .histogram(let recorder)? = metric(handle) { recorder } else { nil } }
}
