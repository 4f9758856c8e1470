import CLuaShim

/// Why a text is not the JSON object that was expected.
package struct JSONFault: Error, Sendable, Equatable {
    /// Offset of the fault in bytes.
    package var offset: Int
    /// For people.
    package var detail: String
}

/// The members of one JSON object, found by the codec's scanner without building a tree. The whole text is validated
/// (structure, depth, UTF-8), so that slices of it can be stored and forwarded as they are.
///
/// A view: valid as long as the memory of the text. Any thread.
package struct JSONObject {
    /// Most members that are looked at. Client messages have fewer than ten, site files a few dozen.
    package static let membersMax = 256

    /// The whole text.
    package let text: UnsafeRawBufferPointer
    private let slices: [nj_slice]

    /// Scans `text`.
    ///
    /// - Throws: ``JSONFault`` when it is no JSON object, or has more than ``membersMax`` members.
    package init(_ text: UnsafeRawBufferPointer) throws(JSONFault) {
        self.text = text
        var fault = nj_error()
        let first = Self.scan(text, room: 8, &fault)
        switch first.count {
        case ..<0: throw JSONFault(offset: fault.offset, detail: Self.detail(&fault))
        case 0...8: slices = first.slices
        case ...Self.membersMax: slices = Self.scan(text, room: first.count, &fault).slices
        default: throw JSONFault(offset: 0, detail: "more than \(Self.membersMax) members")
        }
    }

    private static func scan(
        _ text: UnsafeRawBufferPointer, room: Int, _ fault: inout nj_error
    ) -> (count: Int, slices: [nj_slice]) {
        var count = 0
        let slices = [nj_slice](unsafeUninitializedCapacity: room) { buffer, initialized in
            count = Int(nj_json_scan(text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, buffer.baseAddress, Int32(room), &fault))
            initialized = min(max(count, 0), room)
        }
        return (count, slices)
    }

    private static func detail(_ fault: inout nj_error) -> String {
        withUnsafeBytes(of: &fault.detail) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    package var count: Int { slices.count }

    /// The member called `name`; the last one if the name occurs several times.
    package subscript(name: StaticString) -> JSONValue? {
        let wanted = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        for index in slices.indices.reversed() where isNamed(index, wanted) { return value(index) }
        return nil
    }

    /// The member called `name`; the last one if the name occurs several times.
    package func member(_ name: String) -> JSONValue? {
        var name = name
        return name.withUTF8 { wanted in
            for index in slices.indices.reversed() where isNamed(index, UnsafeRawBufferPointer(wanted)) { return value(index) }
            return nil
        }
    }

    /// Name and value of the member at `index`, 0 ..< count, in the text's order.
    package func member(at index: Int) -> (name: String, value: JSONValue) {
        (name(index), value(index))
    }

    /// The member's name as written, with its quotation marks.
    package func nameText(at index: Int) -> UnsafeRawBufferPointer {
        let slice = slices[index]
        let start = Int(slice.key) - 1
        return UnsafeRawBufferPointer(rebasing: text[start..<start + Int(slice.key_len) + 2])
    }

    /// Offset of the member's name in the text, bytes.
    package func offset(at index: Int) -> Int { Int(slices[index].key) }

    private func isNamed(_ index: Int, _ wanted: UnsafeRawBufferPointer) -> Bool {
        let slice = slices[index]
        if slice.key_escaped != 0 { return name(index).utf8.elementsEqual(wanted) }
        guard Int(slice.key_len) == wanted.count else { return false }
        return UnsafeRawBufferPointer(rebasing: text[Int(slice.key)..<Int(slice.key) + wanted.count]).elementsEqual(wanted)
    }

    private func name(_ index: Int) -> String {
        let slice = slices[index]
        let bytes = UnsafeRawBufferPointer(rebasing: text[Int(slice.key)..<Int(slice.key) + Int(slice.key_len)])
        return slice.key_escaped != 0 ? JSONValue.unescaped(bytes) : String(decoding: bytes, as: UTF8.self)
    }

    private func value(_ index: Int) -> JSONValue {
        let slice = slices[index]
        let range = Int(slice.value)..<Int(slice.value) + Int(slice.value_len)
        return JSONValue(
            bytes: UnsafeRawBufferPointer(rebasing: text[range]), offset: Int(slice.value),
            kind: JSONValue.Kind(rawValue: slice.type) ?? .null, isEscaped: slice.value_escaped != 0)
    }
}

/// One value of a scanned text. A view, like ``JSONObject``.
package struct JSONValue {
    package enum Kind: UInt8, Sendable {
        case null, `false`, `true`, integer, float, string, array, object
    }

    /// The value's text; strings with their quotation marks.
    package let bytes: UnsafeRawBufferPointer
    /// Offset in the text it was found in, bytes.
    package let offset: Int
    package let kind: Kind
    private let isEscaped: Bool

    package init(bytes: UnsafeRawBufferPointer, offset: Int, kind: Kind, isEscaped: Bool) {
        self.bytes = bytes
        self.offset = offset
        self.kind = kind
        self.isEscaped = isEscaped
    }

    /// A string's content, or nil.
    package var string: String? {
        guard kind == .string else { return nil }
        let content = UnsafeRawBufferPointer(rebasing: bytes[1..<bytes.count - 1])
        return isEscaped ? Self.unescaped(content) : String(decoding: content, as: UTF8.self)
    }

    /// Is it the string `text`? Without making a `String`.
    package func isString(_ text: StaticString) -> Bool {
        guard kind == .string else { return false }
        if isEscaped { return string?.utf8.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) ?? false }
        return bytes[1..<bytes.count - 1].elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// A whole number of 64 bits, or nil.
    package var integer: Int64? {
        guard kind == .integer else { return nil }
        var value: Int64 = 0
        guard nj_json_integer(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, &value) == 1 else { return nil }
        return value
    }

    package var boolean: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The members of an object, or nil if it is something else.
    package var object: JSONObject? {
        guard kind == .object else { return nil }
        return try? JSONObject(bytes)
    }

    /// The elements of an array, or nil if it is something else. Offsets count from the start of this value.
    package var elements: [JSONValue]? {
        guard kind == .array else { return nil }
        var result: [JSONValue] = []
        var position = 1
        while position < bytes.count - 1 {
            let start = position
            var depth = 0
            var isEscaped = false
            scan: while position < bytes.count - 1 {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    position += 1
                    while bytes[position] != UInt8(ascii: "\"") {
                        if bytes[position] == UInt8(ascii: "\\") {
                            isEscaped = true
                            position += 1
                        }
                        position += 1
                    }
                case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                case UInt8(ascii: ",") where depth == 0: break scan
                default: break
                }
                position += 1
            }
            if let element = Self.element(bytes, start..<position, isEscaped) { result.append(element) }
            position += 1
        }
        return result
    }

    private static func element(_ text: UnsafeRawBufferPointer, _ range: Range<Int>, _ isEscaped: Bool) -> JSONValue? {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let first = text[range].firstIndex(where: { !isSpace($0) }), let last = text[range].lastIndex(where: { !isSpace($0) }) else { return nil }
        let slice = UnsafeRawBufferPointer(rebasing: text[first...last])
        let kind: Kind =
            switch slice[0] {
            case UInt8(ascii: "n"): .null
            case UInt8(ascii: "f"): .false
            case UInt8(ascii: "t"): .true
            case UInt8(ascii: "\""): .string
            case UInt8(ascii: "["): .array
            case UInt8(ascii: "{"): .object
            default: slice.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") } ? .float : .integer
            }
        return JSONValue(bytes: slice, offset: first, kind: kind, isEscaped: isEscaped)
    }

    /// The content of a validated string without its escapes.
    static func unescaped(_ content: UnsafeRawBufferPointer) -> String {
        var buffer = nj_buf()
        defer { nj_buf_free(&buffer) }
        guard nj_json_unescape(content.baseAddress?.assumingMemoryBound(to: CChar.self), content.count, &buffer) == 0 else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: buffer.data, count: buffer.len), as: UTF8.self)
    }
}

extension JSONObject {
    /// Line of an offset in a text, from 1.
    package static func line(_ text: some Collection<UInt8>, offset: Int) -> Int {
        1 + text.prefix(offset).reduce(into: 0) { if $1 == UInt8(ascii: "\n") { $0 += 1 } }
    }
}
