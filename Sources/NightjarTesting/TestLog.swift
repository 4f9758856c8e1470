import Bytes
import Host
public import Logging
import Synchronization

/// The log of a test's server, kept to be looked at. Any thread.
public final class TestLog: Sendable {
    /// One line.
    public struct Line: Sendable, CustomStringConvertible {
        public var level: Logger.Level
        public var message: String
        /// Metadata by name, as text.
        public var fields: [String: String]

        /// `warning: message a=1 b=2`, fields by name.
        public var description: String {
            fields.sorted { $0.key < $1.key }.reduce("\(level): \(message)") { $0 + " \($1.key)=\($1.value)" }
        }
    }

    /// Lines that are kept; of more, the oldest are forgotten. A script that logs for ever must not fill the test's memory.
    static let linesMax = 10_000

    private let lines = Lock<(kept: [Line], forgotten: Int)>(([], 0))

    private let observer: (@Sendable (Line) -> Void)?

    init(observer: (@Sendable (Line) -> Void)?) { self.observer = observer }

    /// What was logged so far, in order, at most the latest 10,000 lines.
    public var all: [Line] { lines.withLock { $0.kept } }

    /// Lines that have been forgotten.
    public var forgotten: Int { lines.withLock { $0.forgotten } }

    /// The first line that contains `text`, message and fields together.
    public func first(_ text: String) -> Line? { all.first { $0.description.contains(text) } }

    /// Waits for a line that contains `text`.
    ///
    /// - Throws: ``WaitedInVain`` with the latest lines.
    @discardableResult
    public func wait(for text: String, within limit: Duration = Waiting.usual) async throws -> Line {
        do {
            return try await eventually("the log line \(text)", within: limit) { first(text) }
        } catch let error as WaitedInVain {
            throw WaitedInVain(error.what, error.limit, instead: all.suffix(5).map(\.description).joined(separator: "\n"))
        }
    }

    /// Forgets everything.
    public func clear() { lines.withLock { $0 = ([], 0) } }

    fileprivate func add(_ line: Line) {
        lines.withLock { lines in
            if lines.kept.count >= TestLog.linesMax {
                lines.kept.removeFirst(TestLog.linesMax / 10)
                lines.forgotten += TestLog.linesMax / 10
            }
            lines.kept.append(line)
        }
        observer?(line)
    }
}

/// Puts lines into a ``TestLog`` and the tap for `nightjar.log.listen`.
struct TestLogHandler: LogHandler {
    let log: TestLog
    let tap: LogTap
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    init(log: TestLog, tap: LogTap, logLevel: Logger.Level) {
        self.log = log
        self.tap = tap
        self.logLevel = logLevel
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        log.add(.init(level: event.level, message: event.message.description, fields: fields.mapValues(\.description)))
        tap.add(event.level, event.message.description, fields)
    }
}
