import Dispatch
import Foundation
import Logging

/// The last resort of SIGTERM and SIGINT: ends the process when stopping in order has not, or when the signal comes again.
/// Needs no event loop and no task to run.
final class ExitWatch: Sendable {
    /// The exit status of an end that was not in order.
    static let status: Int32 = 1
    /// A signal that comes again so soon is the same one: some send it to a process and to its group (`timeout`).
    private static let repetition = Duration.milliseconds(200)

    /// Counts signals on its own queue, which owns the sources too.
    private let queue = DispatchQueue(label: "exit-watch", qos: .userInitiated)
    private let log: LogWriter
    // Both are touched on `queue` alone.
    private nonisolated(unsafe) var first: ContinuousClock.Instant?
    private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []

    init(log: LogWriter) { self.log = log }

    /// Begins to watch. The signals must be trapped already, so that they do not end the process by themselves.
    func begin() {
        queue.sync {
            for number in [SIGTERM, SIGINT] {
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { [weak self] in self?.came() }
                source.resume()
                sources.append(source)
            }
        }
    }

    private func came() {
        if let first {
            if ContinuousClock.now - first > Self.repetition { end("stopped at once: the signal came twice") }
            return
        }
        first = .now
        let seconds = Double(StopClock.patience.components.seconds) + 0.5
        queue.asyncAfter(deadline: .now() + seconds) { [self] in end("stopping in order took too long; ended") }
    }

    /// Ends the process with the log that can be written. Any thread.
    func end(_ reason: String) -> Never {
        log.write(.critical, reason)
        log.finish(within: .milliseconds(300))
        _exit(Self.status)
    }
}
