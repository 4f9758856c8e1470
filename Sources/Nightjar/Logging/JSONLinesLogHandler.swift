import Foundation
import Host
import Logging

/// Makes one line of each log event and hands it to the writer: JSON for machines, or short text for a person in development
/// mode. Control characters never reach the output raw, so a client cannot forge a line.
struct JSONLinesLogHandler: LogHandler {
    enum Format: Sendable { case json, text }

    let label: String
    let format: Format
    let output: LogWriter
    /// Where packages that listen get the lines from.
    let tap: LogTap?
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, format: Format, logLevel: Logger.Level, output: LogWriter, tap: LogTap? = nil) {
        self.label = label
        self.format = format
        self.output = output
        self.tap = tap
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        let message = event.message.description
        tap?.add(event.level, message, fields)
        output.write(Self.line(format, event.level, label, message, fields))
    }

    /// A line without its line feed.
    static func line(
        _ format: Format, _ level: Logger.Level, _ label: String, _ message: String, _ metadata: Logger.Metadata
    ) -> [UInt8] {
        var line = LogLineBuilder()
        let (fields, leftOut) = LogLineBuilder.fields(metadata)
        switch format {
        case .json:
            line.append("{\"time\":\"\(LogClock.utc())\",\"level\":\"\(level.rawValue)\",\"label\":")
            line.appendJSON(label, bytesMax: LogLineBuilder.nameBytesMax)
            line.append(",\"message\":")
            line.appendJSON(message, bytesMax: LogLineBuilder.messageBytesMax)
            line.appendJSON(fields, leftOut: leftOut)
            line.append("}")
        case .text:
            line.append("\(LogClock.timeOfDay()) \(level.rawValue.uppercased().padding(toLength: 8, withPad: " ", startingAt: 0)) ")
            line.appendPrintable(message, bytesMax: LogLineBuilder.messageBytesMax, keepingLines: true)
            for (name, value) in fields where !value.isEmpty {
                line.append("  \(name)=")
                line.appendPrintable(value, bytesMax: LogLineBuilder.valueBytesMax, keepingLines: name == "traceback")
            }
            if leftOut > 0 { line.append("  (\(leftOut) more fields left out)") }
        }
        return line.bytes
    }
}

extension LogWriter {
    /// How long the end of a process waits for what reads the log.
    static let farewell = Duration.milliseconds(500)

    /// Writes on standard error.
    static func standardError(_ format: JSONLinesLogHandler.Format) -> LogWriter {
        LogWriter(descriptor: STDERR_FILENO) { JSONLinesLogHandler.line(format, $0, "nightjar.log", $1, $2) }
    }

    /// Writes what scripts say on standard output; a line about missing ones is in square brackets.
    static func standardOutput() -> LogWriter {
        LogWriter(descriptor: STDOUT_FILENO) { _, _, fields in
            Array("[\(fields["count"].map { "\($0) " } ?? "")lines are missing: nobody took them off the output]".utf8)
        }
    }

    /// Writes into a file.
    static func file(_ path: String, _ format: JSONLinesLogHandler.Format) throws(CommandFailure) -> LogWriter {
        try LogWriter(path: path) { JSONLinesLogHandler.line(format, $0, "nightjar.log", $1, $2) }
    }
}
