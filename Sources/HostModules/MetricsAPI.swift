import Host
import LuaRuntime
import Metrics

/// `nightjar.metrics`: counters, gauges and histograms, labelled with the package.
struct MetricsAPI: HostModule {
    var functions: [HostFunction] { Self.makers }
    var types: [HostType] { Self.kinds }
    /// Counted for nobody.
    var forTrial: any HostModule { MetricsAPI(exposition: Exposition()) }
    private let registry: MetricRegistry

    /// - Parameter exposition: Where they are shown.
    init(exposition: Exposition) { registry = MetricRegistry(exposition: exposition) }

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
                    let generation = call.generation
                    guard let counter = generation.module(MetricsAPI.self).registry.counter(call.handle) else { return .none }
                    if generation.isAhead { generation.putOff { counter.increment(by: amount) } } else { counter.increment(by: amount) }
                    return .none
                }
            ], "Counts events."),
        HostType(
            id: gaugeType, name: "gauge",
            methods: [
                HostFunction("set", [HostParameter("value", .number)], "Sets the value.") { call in
                    guard let value = call.number(0) else { return .raise("bad argument #1 to 'gauge:set'") }
                    let generation = call.generation
                    guard let gauge = generation.module(MetricsAPI.self).registry.gauge(call.handle) else { return .none }
                    if generation.isAhead { generation.putOff { gauge.record(value) } } else { gauge.record(value) }
                    return .none
                }
            ], "Shows a value that changes."),
        HostType(
            id: histogramType, name: "histogram",
            methods: [
                HostFunction("observe", [HostParameter("value", .number)], "Adds a value.") { call in
                    guard let value = call.number(0) else { return .raise("bad argument #1 to 'histogram:observe'") }
                    let generation = call.generation
                    guard let histogram = generation.module(MetricsAPI.self).registry.histogram(call.handle) else { return .none }
                    if generation.isAhead { generation.putOff { histogram.record(value) } } else { histogram.record(value) }
                    return .none
                }
            ], "Shows how values are distributed."),
    ]

    private static func function(_ name: String, _ kind: MetricRegistry.Kind, _ documentation: String) -> HostFunction {
        let type = type(kind)
        return HostFunction(
            module: "metrics", name,
            [
                HostParameter("name", .string, "Letters, digits, `_` and `.` (shown as `_`), at most 64; not `nightjar…`."),
                HostParameter(
                    "labels", .table, optional: true,
                    "At most \(MetricRegistry.labelsMax) names with strings, numbers or booleans of at most \(MetricRegistry.valueBytesMax) bytes."),
            ],
            returns: [HostReturn(name, .object(type), "The same one for the same name and labels.")],
            documentation + """
                 Shown on `/metrics` with the label `package`. At most \(MetricRegistry.namesMax) names and \(MetricRegistry.seriesMax) different \
                labels per package; what is beyond is counted under the label `overflow`.
                """
        ) { call in
            guard call.length(0) <= 64, let metric = call.string(0), MetricRegistry.isName(metric) else {
                return .raise("bad argument #1 to 'metrics.\(name)' (1 to 64 letters, digits, _ and . expected, and not nightjar first)")
            }
            guard let labels = labels(call) else {
                return .raise(
                    "bad argument #2 to 'metrics.\(name)' (at most \(MetricRegistry.labelsMax) labels expected, with strings, numbers or booleans "
                        + "of at most \(MetricRegistry.valueBytesMax) bytes; not package, le or overflow)")
            }
            let generation = call.generation, package = generation.id.name
            let registry = generation.module(MetricsAPI.self).registry
            if generation.isAhead, registry.known(kind, metric, labels, package: package) == nil, let refusal = generation.refusalAhead() {
                return refusal
            }
            do throws(MetricRegistry.Refusal) {
                call.returnObject(type, try registry.handle(kind, metric, labels, package: package))
                return .values
            } catch {
                switch error {
                case .tooMany: return .raise("more than \(MetricRegistry.namesMax) metrics in this package")
                case .taken(let other): return .raise("the metric '\(metric)' is a \(other.rawValue) of another package already")
                }
            }
        }
    }

    /// Nil: they are not as they must be.
    private static func labels(_ call: borrowing HostCall) -> [String: String]? {
        guard call.kind(1) == .table else { return call.view.isNil(1) ? [:] : nil }
        var labels: [String: String] = [:]
        var pair = call.view.nextPair(1, after: nil)
        while let key = pair {
            guard call.kind(key) == .string, let name = call.string(key), MetricRegistry.isLabel(name), labels.count < MetricRegistry.labelsMax,
                let value = label(call, key + 1), value.utf8.count <= MetricRegistry.valueBytesMax
            else { return nil }
            labels[name] = value
            pair = call.view.nextPair(1, after: key)
        }
        return labels
    }

    private static func label(_ call: borrowing HostCall, _ index: Int) -> String? {
        switch call.kind(index) {
        case .string: call.length(index) <= MetricRegistry.valueBytesMax ? call.string(index) : nil
        case .number: call.integer(index).map { String($0) } ?? call.number(index).map { String($0) }
        case .boolean: call.boolean(index).map { String($0) }
        default: nil
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
