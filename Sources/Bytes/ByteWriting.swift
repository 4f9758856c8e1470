/// Appending to byte buffers without Foundation and without intermediate strings. Any thread.
extension [UInt8] {
    /// Appends ASCII text known at compile time.
    @inlinable @inline(__always)
    package mutating func append(text: StaticString) {
        append(contentsOf: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a whole number in decimal.
    package mutating func append(decimal value: Int64) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)  // room for 24 characters; the longest number has 20
        Swift.withUnsafeMutableBytes(of: &digits) { room in
            var position = room.count
            var rest = value.magnitude
            repeat {
                position -= 1
                room[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest != 0
            if value < 0 {
                position -= 1
                room[position] = UInt8(ascii: "-")
            }
            self.append(contentsOf: UnsafeRawBufferPointer(rebasing: room[position...]))
        }
    }

    /// Appends bytes as lower-case hexadecimal text.
    package mutating func append(hex bytes: UnsafeRawBufferPointer) {
        let alphabet = ("0123456789abcdef" as StaticString).utf8Start
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * bytes.count) { room in
            for index in 0..<bytes.count {
                room[2 * index] = alphabet[Int(bytes[index] >> 4)]
                room[2 * index + 1] = alphabet[Int(bytes[index] & 15)]
            }
            append(contentsOf: room)
        }
    }

    /// Appends `text` as a JSON string with its quotation marks (RFC 8259 section 7).
    package mutating func append(jsonString text: String) {
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "\""): append(text: "\\\"")
                case UInt8(ascii: "\\"): append(text: "\\\\")
                case UInt8(ascii: "\n"): append(text: "\\n")
                case UInt8(ascii: "\r"): append(text: "\\r")
                case UInt8(ascii: "\t"): append(text: "\\t")
                case 0..<0x20, 0x7F:
                    append(text: "\\u00")
                    Swift.withUnsafeBytes(of: byte) { append(hex: $0) }
                default: append(byte)
                }
            }
        }
        append(UInt8(ascii: "\""))
    }
}

/// Reading hexadecimal text. Any thread.
package enum Hex {
    /// The bytes that `text` spells, or nil when a character is no digit or the length is odd.
    package static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 2)
        var high: UInt8?
        for character in text {
            guard let digit = value(character) else { return nil }
            if let upper = high {
                result.append(upper << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return result
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
