import Foundation
import Logging
import Host
import Synchronization

/// Writes each log event as one line on standard error: JSON for machines, or short text for a person in
/// development mode. Control characters never reach the output raw, so a client cannot forge a line.
struct JSONLinesLogHandler: LogHandler {
    enum Format: Sendable { case json, text }

    /// The longest line that is written; what is longer is cut, so that one event cannot flood the log.
    static let lineBytesMax = 16 * 1024

    let label: String
    let format: Format
    /// Where packages that listen get the lines from.
    let tap: LogTap?
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, format: Format, logLevel: Logger.Level, tap: LogTap? = nil) {
        self.label = label
        self.format = format
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
        tap?.add(event.level, event.message.description, fields)
        var line = ""
        line.reserveCapacity(256)
        switch format {
        case .json: writeJSON(event, fields, into: &line)
        case .text: writeText(event, fields, into: &line)
        }
        if line.utf8.count > Self.lineBytesMax { line = String(line.prefix(Self.lineBytesMax / 4)) + "…" }
        line.append("\n")
        LogOutput.write(line)
    }

    private func writeJSON(_ event: LogEvent, _ fields: Logger.Metadata, into line: inout String) {
        line += "{\"time\":\"\(LogClock.utc())\",\"level\":\"\(event.level.rawValue)\",\"label\":"
        line.appendJSONString(label)
        line += ",\"message\":"
        line.appendJSONString(event.message.description)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += ","
            line.appendJSONString(key)
            line += ":"
            line.appendJSONString(value.description)
        }
        line += "}"
    }

    private func writeText(_ event: LogEvent, _ fields: Logger.Metadata, into line: inout String) {
        line += LogClock.timeOfDay()
        line += " \(event.level.rawValue.uppercased().padding(toLength: 7, withPad: " ", startingAt: 0)) "
        line.appendPrintable(event.message.description, keepingLines: true)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += "  \(key)="
            line.appendPrintable(value.description, keepingLines: key == "traceback")
        }
    }
}

/// Standard error, one line at a time from any thread.
private enum LogOutput {
    private static let lock = Mutex(())

    static func write(_ line: String) {
        lock.withLock { _ in
            var line = line
            line.withUTF8 { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let written = Glibc.write(2, rest.baseAddress, rest.count)
                    if written <= 0 { return }  // nobody reads the log any more; that must not stop the server
                    rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                }
            }
        }
    }
}

private enum LogClock {
    /// Now as `2026-01-31T12:34:56.789Z`.
    static func utc() -> String {
        let (parts, milliseconds) = now()
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(three(milliseconds))Z"
    }

    /// Now as `12:34:56.789`, UTC.
    static func timeOfDay() -> String {
        let (parts, milliseconds) = now()
        return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(three(milliseconds))"
    }

    private static func now() -> (tm, Int) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        return (parts, time.tv_nsec / 1_000_000)
    }

    private static func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    private static func three(_ value: Int) -> String { value < 10 ? "00\(value)" : value < 100 ? "0\(value)" : "\(value)" }
}

extension String {
    /// Appends `text` as a JSON string literal (RFC 8259 section 7).
    fileprivate mutating func appendJSONString(_ text: String) {
        append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\t": append("\\t")
            case let control where control.value < 0x20 || control.value == 0x7F:
                append("\\u00")
                append(control.value < 16 ? "0" : "")
                append(String(control.value, radix: 16))
            default: unicodeScalars.append(scalar)
            }
        }
        append("\"")
    }

    /// Appends `text` with control characters as `?`; line feeds stay, indented, when `keepingLines`.
    fileprivate mutating func appendPrintable(_ text: String, keepingLines: Bool) {
        for scalar in text.unicodeScalars {
            if scalar == "\n", keepingLines {
                append("\n    ")
            } else if scalar.value < 0x20 || scalar.value == 0x7F {
                append("?")
            } else {
                unicodeScalars.append(scalar)
            }
        }
    }
}
