/// Writing of small JSON texts (RFC 8259). Any thread.
package enum JSONText {
    /// A JSON string with its quotation marks.
    package static func string(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(jsonString: text)
        return bytes
    }

    /// An object of strings, sorted by name.
    package static func object(_ members: [String: String]) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            text.append(jsonString: name)
            text.append(UInt8(ascii: ":"))
            text.append(jsonString: value)
        }
        text.append(UInt8(ascii: "}"))
        return text
    }

    /// The most that one character becomes: `\u0007`, or four bytes of UTF-8.
    fileprivate static let characterBytesMax = 6
    fileprivate static let ellipsis: StaticString = "…"
}

extension [UInt8] {
    /// Appends `text` as a JSON string with its quotation marks.
    ///
    /// The result is one line and valid UTF-8, because control characters are escaped and a `String` is valid.
    ///
    /// - Parameter bytesMax: At most so much between the quotation marks, at least 9; `…` stands for what has no room. What
    ///   is left out is not looked at, so a text of megabytes costs what a short one costs.
    package mutating func append(jsonString text: String, bytesMax: Int = .max) {
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { appendEscaped($0, bytesMax: bytesMax) }
        append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, bytesMax: Int) {
        let isBounded = text.count > bytesMax / JSONText.characterBytesMax
        // Beyond it a further character might leave no room for the ellipsis.
        let last = isBounded ? count + bytesMax - JSONText.characterBytesMax - JSONText.ellipsis.utf8CodeUnitCount : .max
        // Most characters stand for themselves and are copied together.
        var start = 0
        for (index, byte) in text.enumerated() {
            if isBounded, byte & 0xC0 != 0x80, count + index - start > last {
                append(contentsOf: text[start..<index])
                return append(text: JSONText.ellipsis)
            }
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte != 0x7F { continue }
            append(contentsOf: text[start..<index])
            start = index + 1
            appendEscape(byte)
        }
        append(contentsOf: text[start...])
    }

    private mutating func appendEscape(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case UInt8(ascii: "\n"): append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): append(UInt8(ascii: "t"))
        default:
            append(text: "u00")
            append(Hex.digit(byte >> 4))
            append(Hex.digit(byte))
        }
    }
}
