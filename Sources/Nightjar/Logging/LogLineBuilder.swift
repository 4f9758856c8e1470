import Bytes
import Logging

/// The bytes of one log line. Everything is cut to a bound before it is formatted, so a value of megabytes costs what a
/// short one costs. Bytes that would forge or break a line are escaped; the text is valid UTF-8, because a `String` is.
struct LogLineBuilder {
    /// Bytes of a message. What scripts may write.
    static let messageBytesMax = 8 * 1_024
    /// Bytes of one field's value; a traceback of the usual depth fits.
    static let valueBytesMax = 4 * 1_024
    /// Bytes of a field's name.
    static let nameBytesMax = 128
    /// Bytes of all fields; those that do not fit any more are left out, and `fields_left_out` says how many.
    static let fieldsBytesMax = 8 * 1_024
    /// Values of a list or object inside a field.
    static let elementsMax = 64

    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(256) }

    mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    // MARK: JSON

    /// Appends a JSON string (RFC 8259 section 7) of at most `bytesMax` bytes; `…` stands for what has no room.
    mutating func appendJSON(_ text: String, bytesMax: Int) { bytes.append(jsonString: text, bytesMax: bytesMax) }

    /// Appends `,"name":"value"` for each field.
    mutating func appendJSON(_ fields: [(name: String, value: String)], leftOut: Int) {
        for (name, value) in fields {
            append(",")
            appendJSON(name, bytesMax: Self.nameBytesMax)
            append(":")
            appendJSON(value, bytesMax: Self.valueBytesMax)
        }
        if leftOut > 0 { append(",\"fields_left_out\":\(leftOut)") }
    }

    // MARK: Text

    /// Appends at most `bytesMax` bytes of `text`, control characters as `?`; line feeds stay, indented, when `keepingLines`.
    mutating func appendPrintable(_ text: String, bytesMax: Int, keepingLines: Bool) {
        for byte in Self.cut(text, bytesMax).utf8 {
            if byte == 0x0A, keepingLines {
                append("\n    ")
            } else {
                bytes.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte)
            }
        }
    }

    // MARK: Bounds

    /// At most `bytesMax` bytes of `text`, and `…` where some are missing.
    static func cut(_ text: String, _ bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        let utf8 = text.utf8
        var end = utf8.index(utf8.startIndex, offsetBy: bytesMax)
        // Not in the middle of a character.
        while end > utf8.startIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return text[..<end] + "…"
    }

    /// The fields of a line by name, as far as there is room for them.
    static func fields(_ metadata: Logger.Metadata) -> (fields: [(name: String, value: String)], leftOut: Int) {
        var result: [(name: String, value: String)] = []
        var room = fieldsBytesMax
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let field = (name: cut(name, nameBytesMax), value: text(value, bytesMax: valueBytesMax))
            room -= field.name.utf8.count + field.value.utf8.count + 8
            guard room >= 0 else { break }
            result.append(field)
        }
        return (result, metadata.count - result.count)
    }

    /// A value as text of about `bytesMax` bytes at most.
    private static func text(_ value: Logger.Metadata.Value, bytesMax: Int) -> String {
        switch value {
        case .string(let text): return cut(text, bytesMax)
        case .stringConvertible(let convertible): return cut(convertible.description, bytesMax)
        case .array(let elements):
            return list(elements.lazy.map { ("", $0) }, count: elements.count, bytesMax, "[", "]")
        case .dictionary(let members):
            return list(members.lazy.map { ($0.key + ": ", $0.value) }, count: members.count, bytesMax, "[", "]")
        }
    }

    private static func list(
        _ elements: some Sequence<(String, Logger.Metadata.Value)>, count: Int, _ bytesMax: Int, _ open: String, _ close: String
    ) -> String {
        var result = open
        for (index, (name, value)) in elements.prefix(elementsMax).enumerated() {
            guard result.utf8.count < bytesMax else { break }
            if index > 0 { result += ", " }
            result += cut(name, nameBytesMax) + text(value, bytesMax: bytesMax - result.utf8.count)
        }
        return cut(result, bytesMax) + (count > elementsMax ? ", …" : "") + close
    }
}
