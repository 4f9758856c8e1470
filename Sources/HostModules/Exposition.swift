import Bytes
package import Metrics
import Synchronization

/// The figures of a server in Prometheus' text form: counters, gauges and histograms by name and labels, those of scripts and
/// the server's own alike. Who makes metrics bounds their number (``MetricRegistry`` does for scripts). Any thread.
package final class Exposition: MetricsFactory, Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    /// One line of the text, several for a histogram.
    private protocol Series: AnyObject, Sendable {
        func write(_ name: String, _ labels: String, to text: inout String)
    }

    private struct Family {
        let kind: Kind
        var series: [String: any Series] = [:]
    }

    private let families = Lock<[String: Family]>([:])

    package init() {}

    /// The kind of the metric with this name; nil: there is none.
    package func kind(of name: String) -> Kind? { families.withLock { $0[Self.name(name)]?.kind } }

    /// Takes a metric away with all its series; whoever still has one counts for nobody.
    package func remove(_ name: String) { families.withLock { $0[Self.name(name)] = nil } }

    /// Everything, sorted by name: `# TYPE` and a line for each series.
    package var text: String {
        let all = families.withLock { $0 }
        var text = ""
        for (name, family) in all.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) { series.write(name, labels, to: &text) }
        }
        return text
    }

    // MARK: Factory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(.counter, label, dimensions) { CountSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return series(.histogram, label, dimensions) { HistogramSeries() } ?? NOOPMetricsHandler.instance }
        return series(.gauge, label, dimensions) { GaugeSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }

    // What is told once stays: a counter that vanished would look like a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// Nil: the name is taken by another kind.
    private func series<Wanted: Series>(
        _ kind: Kind, _ label: String, _ dimensions: [(String, String)], _ make: () -> Wanted
    ) -> Wanted? {
        let name = Self.name(label), labels = Self.labels(dimensions)
        return families.withLock { families in
            var family = families[name] ?? Family(kind: kind)
            guard family.kind == kind else { return nil }
            if let known = family.series[labels] { return known as? Wanted }
            let made = make()
            family.series[labels] = made
            families[name] = family
            return made
        }
    }

    // MARK: Text

    /// Prometheus knows no points in names.
    private static func name(_ label: String) -> String {
        let name = String(label.map { $0 == "." || $0 == "-" ? "_" : $0 })
        return name.first?.isNumber == true ? "_" + name : name
    }

    /// `a="b",c="d"` sorted by name; empty without labels.
    private static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.sorted { $0.0 < $1.0 }.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func line(_ name: String, _ labels: String, _ value: String) -> String {
        labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    // MARK: Series

    private final class CountSeries: CounterHandler, Series {
        private let value = Atomic<Int64>(0)

        func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
        func reset() { value.store(0, ordering: .relaxed) }
        func write(_ name: String, _ labels: String, to text: inout String) {
            text += line(name, labels, String(value.load(ordering: .relaxed)))
        }
    }

    private final class GaugeSeries: RecorderHandler, Series {
        private let bits = Atomic<UInt64>(0)

        func record(_ value: Int64) { record(Double(value)) }
        func record(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
        func write(_ name: String, _ labels: String, to text: inout String) {
            text += line(name, labels, number(Double(bitPattern: bits.load(ordering: .relaxed))))
        }
    }

    private final class HistogramSeries: RecorderHandler, Series {
        /// From a millisecond in seconds to a megabyte in bytes: what scripts measure is not known here.
        static let bounds: [Double] = [
            0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000, 1_000_000,
        ]

        private struct State {
            var counts = [Int64](repeating: 0, count: bounds.count + 1)
            var sum = 0.0
        }

        private let state = Lock(State())

        func record(_ value: Int64) { record(Double(value)) }
        func record(_ value: Double) {
            let place = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
            state.withLock {
                $0.counts[place] += 1
                $0.sum += value
            }
        }
        func write(_ name: String, _ labels: String, to text: inout String) {
            let now = state.withLock { $0 }
            let separator = labels.isEmpty ? "" : ","
            var count: Int64 = 0
            for (place, own) in now.counts.enumerated() {
                count += own
                let bound = place < Self.bounds.count ? number(Self.bounds[place]) : "+Inf"
                text += line(name + "_bucket", "\(labels)\(separator)le=\"\(bound)\"", String(count))
            }
            text += line(name + "_sum", labels, number(now.sum)) + line(name + "_count", labels, String(count))
        }
    }
}
