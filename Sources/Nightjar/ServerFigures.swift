import Foundation
import Host
import HostModules
import Metrics
import Reload
import Transport

/// The server's own figures, and those of its scripts, in Prometheus' text form (version 0.0.4). Any thread.
final class ServerFigures: Sendable {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Of scripts, and what is counted as it happens.
    let exposition = Exposition()
    private let began = ContinuousClock.now
    private let log: LogWriter

    init(log: LogWriter) { self.log = log }

    /// A handler of a unit raised an error.
    func noteScriptError(of unit: UnitID) {
        Counter(label: "nightjar_script_errors_total", dimensions: [("unit", "\(unit)")], factory: exposition).increment()
    }

    /// Everything.
    ///
    /// - Parameter clients: Outgoing connections by state.
    func text(_ units: [UnitStatus], connections: Int, clients: [(state: String, count: Int)]) -> String {
        var text = ""
        func add(_ name: String, _ kind: String, _ lines: [(labels: String, value: String)]) {
            text += "# TYPE \(name) \(kind)\n"
            for line in lines { text += "\(name)\(line.labels) \(line.value)\n" }
        }
        add("nightjar_info", "gauge", [("{version=\"\(Version.current)\"}", "1")])
        add("nightjar_uptime_seconds", "gauge", [("", "\((ContinuousClock.now - began).components.seconds)")])
        add("nightjar_connections", "gauge", [("", "\(connections)")])
        add("nightjar_outgoing_connections", "gauge", clients.map { ("{state=\"\($0.state)\"}", "\($0.count)") })
        add("nightjar_units", "gauge", [
            ("{state=\"running\"}", "\(units.count { $0.generation != nil })"),
            ("{state=\"pending\"}", "\(units.count { $0.pending != nil })"),
        ])
        add("nightjar_log_lines_missing_total", "counter", [("", "\(log.missing)")])
        for (name, kind, value) in Self.process() { add(name, kind, [("", value)]) }
        return text + exposition.text
    }

    /// What the system says about this process, by the names that Prometheus' own clients use.
    private static func process() -> [(name: String, kind: String, value: String)] {
        var result: [(name: String, kind: String, value: String)] = []
        var time = timespec()
        if clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 {
            result.append(("process_cpu_seconds_total", "counter", "\(Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)"))
        }
        if let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) {
            result.append(("process_resident_memory_bytes", "gauge", "\(pages * Int(sysconf(Int32(_SC_PAGESIZE))))"))
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            result.append(("process_open_fds", "gauge", "\(open)"))
        }
        return result
    }
}
