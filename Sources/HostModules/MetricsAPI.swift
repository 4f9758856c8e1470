import Bytes
import Synchronization
import Host
import LuaRuntime
import Metrics

/// `nightjar.metrics`: counters, gauges and histograms, labelled with the package.
struct MetricsAPI: HostModule {
    var functions: [HostFunction] { Self.makers }
    var types: [HostType] { Self.kinds }
    var forTrial: any HostModule { MetricsAPI(registry: MetricRegistry(isSilent: true)) }
    private let registry: MetricRegistry

    init(registry: MetricRegistry = MetricRegistry()) { self.registry = registry }

    private static let counterType = ObjectTypes.register("counter")
    private static let gaugeType = ObjectTypes.register("gauge")
    private static let histogramType = ObjectTypes.register("histogram")

    private static let makers = [
        function("counter", .counter, "A number that only rises."),
        function("gauge", .gauge, "A number that rises and falls."),
        function("histogram", .histogram, "The distribution of many values."),
    ]

    private static let kinds = [
        HostType(
            id: counterType, name: "counter",
            methods: [
                HostFunction("add", [HostParameter("amount", .integer, optional: true, "1 or more; default 1.")], "Raises the counter.") { call in
                    let amount = call.integer(0) ?? 1
                    guard amount > 0 else { return .raise("bad argument #1 to 'counter:add' (1 or more expected)") }
                    call.generation.module(MetricsAPI.self).registry.counter(call.handle)?.increment(by: amount)
                    return .none
                }
            ], "Counts events."),
        HostType(
            id: gaugeType, name: "gauge",
            methods: [
                HostFunction("set", [HostParameter("value", .number)], "Sets the value.") { call in
                    guard let value = call.number(0) else { return .raise("bad argument #1 to 'gauge:set'") }
                    call.generation.module(MetricsAPI.self).registry.gauge(call.handle)?.record(value)
                    return .none
                }
            ], "Shows a value that changes."),
        HostType(
            id: histogramType, name: "histogram",
            methods: [
                HostFunction("observe", [HostParameter("value", .number)], "Adds a value.") { call in
                    guard let value = call.number(0) else { return .raise("bad argument #1 to 'histogram:observe'") }
                    call.generation.module(MetricsAPI.self).registry.histogram(call.handle)?.record(value)
                    return .none
                }
            ], "Shows how values are distributed."),
    ]

    private static func function(_ name: String, _ kind: MetricRegistry.Kind, _ documentation: String) -> HostFunction {
        let type = type(kind)
        return HostFunction(
            module: "metrics", name, [HostParameter("name", .string, "Letters, digits, `_` and `.`, at most 64.")],
            returns: [HostReturn(name, .object(type), "The same one for the same name.")],
            documentation + " At most \(MetricRegistry.namesMax) names per package."
        ) { call in
            guard call.length(0) <= 64, let metric = call.string(0), MetricRegistry.isName(metric) else {
                return .raise("bad argument #1 to 'metrics.\(name)' (1 to 64 letters, digits, _ and . expected)")
            }
            guard let handle = call.generation.module(MetricsAPI.self).registry.handle(kind, metric, package: call.generation.id.name) else {
                return .raise("more than \(MetricRegistry.namesMax) metrics in this package")
            }
            call.returnObject(type, handle)
            return .values
        }
    }

    private static func type(_ kind: MetricRegistry.Kind) -> HostTypeID {
        switch kind {
        case .counter: counterType
        case .gauge: gaugeType
        case .histogram: histogramType
        }
    }
}

/// The metrics of all packages. They outlive generations, so a reload neither resets nor doubles them. Any thread.
final class MetricRegistry: Sendable {
    /// Names of one package; each is kept as long as the server runs.
    static let namesMax = 200

    enum Kind: Hashable, Sendable { case counter, gauge, histogram }

    private enum Metric {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Recorder)
    }

    private struct Key: Hashable {
        var package: String
        var kind: Kind
        var name: String
    }

    private struct State {
        var handles: [Key: Int64] = [:]
        var counts: [String: Int] = [:]
        var metrics: [Metric] = []
    }

    private let state = Lock(State())
    private let isSilent: Bool

    /// - Parameter isSilent: Everything is counted for nobody.
    init(isSilent: Bool = false) { self.isSilent = isSilent }

    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64
            && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x5F || $0 == 0x2E }
    }

    /// Nil: the package has too many.
    func handle(_ kind: Kind, _ name: String, package: String) -> Int64? {
        state.withLock { state in
            let key = Key(package: package, kind: kind, name: name)
            if let handle = state.handles[key] { return handle }
            guard state.counts[package, default: 0] < Self.namesMax else { return nil }
            let dimensions = [("package", package)]
            let factory: any MetricsFactory = isSilent ? NOOPMetricsHandler.instance : MetricsSystem.factory
            let metric: Metric =
                switch kind {
                case .counter: .counter(Counter(label: name, dimensions: dimensions, factory: factory))
                case .gauge: .gauge(Gauge(label: name, dimensions: dimensions, factory: factory))
                case .histogram: .histogram(Recorder(label: name, dimensions: dimensions, aggregate: true, factory: factory))
                }
            state.metrics.append(metric)
            state.counts[package, default: 0] += 1
            state.handles[key] = Int64(state.metrics.count - 1)
            return Int64(state.metrics.count - 1)
        }
    }

    private func metric(_ handle: Int64) -> Metric? {
        state.withLock { $0.metrics.indices.contains(Int(handle)) ? $0.metrics[Int(handle)] : nil }
    }

    func counter(_ handle: Int64) -> Counter? { if case .counter(let counter)? = metric(handle) { counter } else { nil } }
    func gauge(_ handle: Int64) -> Gauge? { if case .gauge(let gauge)? = metric(handle) { gauge } else { nil } }
    func histogram(_ handle: Int64) -> Recorder? { if case .histogram(let recorder)? = metric(handle) { recorder } else { nil } }
}
