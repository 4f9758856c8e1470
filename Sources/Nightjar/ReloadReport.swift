import Host
import Reload
import Transport

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
    ///   - certificates: What became of the listeners' certificates.
    ///   - unit: The one that was asked for; nil: everything.
    init(events: [ReloadEvent], status: [UnitStatus], certificates: [CertificateRenewal], unit: String? = nil) {
        for event in events {
            let line = "\(event.unit): \(event.summary)"
            if event.error == nil { lines.append(line) } else { add(problem: line) }
        }
        let touched = Set(events.map { "\($0.unit)" })
        for status in status {
            guard let error = status.error, !touched.contains("\(status.unit)") else { continue }
            guard unit == nil || unit == status.unit.name || unit == "\(status.unit)" else { continue }
            let running = status.generation.map { "generation \($0) goes on" } ?? "nothing of it runs"
            add(problem: "\(status.unit): still not reloaded, \(running): \(error)")
        }
        for certificate in certificates {
            if let failure = certificate.failure {
                add(problem: "listener \(certificate.listener): the former certificate stays in use: \(failure.detail)")
            } else if certificate.hasChanged {
                lines.append("listener \(certificate.listener): new certificate")
            }
        }
    }

    private mutating func add(problem: String) {
        lines.append(problem)
        problems.append(problem)
    }
}
