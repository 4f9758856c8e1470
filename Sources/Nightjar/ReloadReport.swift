import Host
import Reload

/// What a reload tells the person who asked for it: what was done, and what is wrong, whether it went wrong now or has been
/// pending since an earlier attempt.
struct ReloadReport {
    /// For people, one line each.
    private(set) var lines: [String] = []
    /// Those of `lines` that tell of something that is wrong.
    private(set) var problems: [String] = []

    var isGood: Bool { problems.isEmpty }

    /// - Parameters:
    ///   - events: What became of the units that were touched.
    ///   - status: All units as they are afterwards.
    ///   - unit: The one that was asked for; nil: everything.
    init(events: [ReloadEvent], status: [UnitStatus], unit: String? = nil) {
        let running = Dictionary(status.map { ("\($0.unit)", $0.generation) }, uniquingKeysWith: { first, _ in first })
        for event in events {
            switch event.outcome {
            case .loaded(let milliseconds):
                lines.append("\(event.unit): generation \(event.generation.number) is live (\(Self.tenths(milliseconds)) ms)")
            case .failed(let error):
                add(problem: "\(event.unit): not reloaded, \(Self.state(running["\(event.unit)"] ?? nil)): \(error)")
            case .unloaded:
                lines.append("\(event.unit): unloaded")
            }
        }
        let touched = Set(events.map { "\($0.unit)" })
        for status in status {
            guard let error = status.error, !touched.contains("\(status.unit)") else { continue }
            guard unit == nil || unit == status.unit.name || unit == "\(status.unit)" else { continue }
            add(problem: "\(status.unit): still not reloaded, \(Self.state(status.generation)): \(error)")
        }
    }

    private mutating func add(problem: String) {
        lines.append(problem)
        problems.append(problem)
    }

    private static func state(_ running: GenerationNumber?) -> String {
        running.map { "generation \($0.number) goes on" } ?? "nothing of it runs"
    }

    private static func tenths(_ milliseconds: Double) -> Double { (milliseconds * 10).rounded() / 10 }
}
