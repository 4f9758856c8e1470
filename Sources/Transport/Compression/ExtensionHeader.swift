/// One element of `Sec-WebSocket-Extensions` (RFC 6455, section 9.1): a name and parameters in their order.
struct ExtensionElement: Equatable, Sendable {
    struct Parameter: Equatable, Sendable {
        /// Lower case.
        var name: String
        /// Without its quotes.
        var value: String?
    }

    /// Lower case.
    var name: String
    var parameters: [Parameter] = []

    /// The elements of one header field. What is malformed ends the list: elements before it count, since an extension
    /// that is not understood is one that is not used.
    static func list(_ field: String) -> [ExtensionElement] {
        var reader = ExtensionReader(field)
        var elements: [ExtensionElement] = []
        while let element = reader.nextElement() { elements.append(element) }
        return elements
    }

    /// The same of a field that must be well-formed to its end; nil if it is not.
    static func wholeList(_ field: String) -> [ExtensionElement]? {
        var reader = ExtensionReader(field)
        var elements: [ExtensionElement] = []
        while let element = reader.nextElement() { elements.append(element) }
        return reader.isMalformed ? nil : elements
    }
}

/// Reads a header field from left to right.
private struct ExtensionReader {
    private let bytes: [UInt8]
    private var index = 0
    private(set) var isMalformed = false

    init(_ field: String) { bytes = Array(field.utf8) }

    /// Nil at the end and at anything malformed, from where on it stays nil.
    mutating func nextElement() -> ExtensionElement? {
        // Empty elements of a list are allowed (RFC 9110, section 5.6.1).
        repeat { skipSpace() } while take(",")
        guard peek != nil else { return nil }
        guard let name = token() else { return fail() }
        var element = ExtensionElement(name: name.lowercased())
        skipSpace()
        while take(";") {
            skipSpace()
            guard let name = token() else { return fail() }
            var parameter = ExtensionElement.Parameter(name: name.lowercased())
            skipSpace()
            if take("=") {
                skipSpace()
                guard let value = peek == UInt8(ascii: "\"") ? quoted() : token() else { return fail() }
                parameter.value = value
                skipSpace()
            }
            element.parameters.append(parameter)
        }
        guard peek == nil || peek == UInt8(ascii: ",") else { return fail() }
        return element
    }

    private mutating func fail() -> ExtensionElement? {
        index = bytes.count
        isMalformed = true
        return nil
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while peek == 0x20 || peek == 0x09 { index += 1 }
    }

    /// RFC 9110, section 5.6.2.
    private mutating func token() -> String? {
        let start = index
        while let byte = peek, Self.isTokenByte(byte) { index += 1 }
        return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }

    /// A quoted string; what it quotes must be a token too (RFC 6455, section 9.1).
    private mutating func quoted() -> String? {
        index += 1
        var text: [UInt8] = []
        while var byte = peek {
            index += 1
            if byte == UInt8(ascii: "\"") { return text.isEmpty ? nil : String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = peek else { return nil }
                byte = escaped
                index += 1
            }
            guard Self.isTokenByte(byte) else { return nil }
            text.append(byte)
        }
        return nil
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
            UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"),
            UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
