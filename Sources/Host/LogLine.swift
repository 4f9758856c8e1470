import Bytes
import Logging

/// One line of the server's log as packages get it (`nightjar.log.listen`): bounded, and without characters that could
/// forge another line.
struct LogLine {
    /// Bytes of a message; longer ones are cut. What scripts may write.
    static let messageBytesMax = 8 * 1_024
    /// Bytes of one field's value; a traceback of the usual depth fits.
    static let valueBytesMax = 2 * 1_024
    /// Bytes of all fields of a line; those that do not fit any more are left out. With the message below the 16 KiB that a
    /// line of the log may have.
    static let fieldsBytesMax = 6 * 1_024

    /// Milliseconds since 1970.
    let time: Int64
    let level: Logger.Level
    let message: String
    /// `sync`, or `game joker_bingo`; nil: not a line of a script.
    let unit: String?
    let generation: Int64?
    /// By name.
    let fields: [(name: String, value: String)]

    init(time: Int64, level: Logger.Level, message: String, metadata: Logger.Metadata) {
        self.time = time
        self.level = level
        self.message = Self.clean(message, Self.messageBytesMax)
        unit = metadata["unit"].map { Self.unitName($0.description) }
        generation = metadata["generation"].flatMap { Int64($0.description) }
        var fields: [(name: String, value: String)] = []
        var bytes = 0
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) where name != "unit" && name != "generation" {
            let field = (name: Self.clean(name, 128), value: Self.clean(value.description, Self.valueBytesMax))
            bytes += field.name.utf8.count + field.value.utf8.count + 2
            guard bytes <= Self.fieldsBytesMax else { break }
            fields.append(field)
        }
        self.fields = fields
    }

    /// The five names that `nightjar.log` has; what is between them counts as the lower one, `critical` as an error.
    var levelName: String {
        switch level {
        case .trace: "trace"
        case .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warn"
        case .error, .critical: "error"
        }
    }

    /// `12:34:56:007 [INFO] message field=value …`, UTC; line feeds are followed by an indent.
    var text: String {
        var text = "\(Self.timeOfDay(time)) [\(levelName.uppercased())] \(message)"
        if let unit { text += " unit=\(unit)" }
        if let generation { text += " generation=\(generation)" }
        for (name, value) in fields { text += " \(name)=\(value)" }
        return text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n    ")
    }

    /// A JSON object.
    var json: [UInt8] {
        var json = Array("{\"time\":\(time),\"level\":\"\(levelName)\",\"message\":".utf8)
        json.append(jsonString: message)
        json += Array(",\"text\":".utf8)
        json.append(jsonString: text)
        if let unit {
            json += Array(",\"unit\":".utf8)
            json.append(jsonString: unit)
        }
        if let generation { json += Array(",\"generation\":\(generation)".utf8) }
        json += Array(",\"fields\":{".utf8)
        for (index, field) in fields.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            json.append(jsonString: field.name)
            json.append(UInt8(ascii: ":"))
            json.append(jsonString: field.value)
        }
        json += Array("}}".utf8)
        return json
    }

    /// A package by its bare name: that is what its author calls it.
    static func unitName(_ description: String) -> String {
        let prefix = UnitID.Kind.package.rawValue + " "
        return clean(description.hasPrefix(prefix) ? String(description.dropFirst(prefix.count)) : description, 256)
    }

    /// At most `bytesMax` bytes (and `…` where some are missing), control characters other than line feed and tab as `?`.
    static func clean(_ text: String, _ bytesMax: Int) -> String {
        var clean = ""
        var bytes = 0
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            guard bytes <= bytesMax else { return clean + "…" }
            switch scalar.value {
            case 0x09, 0x0A: clean.unicodeScalars.append(scalar)
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: clean.append("?")
            default: clean.unicodeScalars.append(scalar)
            }
        }
        return clean
    }

    private static func timeOfDay(_ time: Int64) -> String {
        let day: Int64 = 86_400_000
        let rest = ((time % day) + day) % day
        func padded(_ value: Int64, _ digits: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        return "\(padded(rest / 3_600_000, 2)):\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1_000 % 60, 2)):\(padded(rest % 1_000, 3))"
    }
}
