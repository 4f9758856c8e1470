import Glibc

/// Why a text is not the JSON object that was expected.
package struct JSONProblem: Error, Sendable, Equatable {
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
    private let slices: [JSONSlice]

    /// Scans `text`.
    ///
    /// - Throws: ``JSONProblem`` when it is no JSON object, or has more than ``membersMax`` members.
    package init(_ text: UnsafeRawBufferPointer) throws(JSONProblem) {
        self.text = text
        do {
            slices = try JSONScan.members(of: text, membersMax: Self.membersMax)
        } catch {
            throw JSONProblem(offset: error.offset, detail: error.detail)
        }
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
        let start = slice.nameOffset - 1
        return UnsafeRawBufferPointer(rebasing: text[start..<start + slice.nameCount + 2])
    }

    /// Offset of the member's name in the text, bytes.
    package func offset(at index: Int) -> Int { slices[index].nameOffset }

    private func isNamed(_ index: Int, _ wanted: UnsafeRawBufferPointer) -> Bool {
        let slice = slices[index]
        if slice.isNameEscaped { return name(index).utf8.elementsEqual(wanted) }
        guard slice.nameCount == wanted.count else { return false }
        return JSONValue.isEqual(UnsafeRawBufferPointer(rebasing: text[slice.nameOffset..<slice.nameOffset + wanted.count]), wanted)
    }

    private func name(_ index: Int) -> String {
        let slice = slices[index]
        let bytes = UnsafeRawBufferPointer(rebasing: text[slice.nameOffset..<slice.nameOffset + slice.nameCount])
        return slice.isNameEscaped ? JSONScan.unescaped(bytes) : String(decoding: bytes, as: UTF8.self)
    }

    private func value(_ index: Int) -> JSONValue {
        let slice = slices[index]
        let range = slice.valueOffset..<slice.valueOffset + slice.valueCount
        return JSONValue(
            bytes: UnsafeRawBufferPointer(rebasing: text[range]), offset: slice.valueOffset,
            kind: JSONValue.Kind(rawValue: slice.kind.rawValue) ?? .null, isEscaped: slice.isValueEscaped)
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

    /// The value of an object's member that begins at `offset`, in a text that was scanned before; nil if it is called otherwise, or is
    /// neither an array nor an object.
    package init?(memberAt offset: Int, named name: StaticString, of text: UnsafeRawBufferPointer) {
        let length = name.utf8CodeUnitCount
        let start = offset + length + 3  // two quotation marks and a colon
        guard start < text.count, text[offset] == UInt8(ascii: "\""), text[start - 2] == UInt8(ascii: "\""), text[start - 1] == UInt8(ascii: ":"),
            text[start] == UInt8(ascii: "[") || text[start] == UInt8(ascii: "{"),
            memcmp(text.baseAddress! + offset + 1, name.utf8Start, length) == 0
        else { return nil }
        var isEscaped = false
        let end = Self.endOfElement(text, from: start, &isEscaped)
        // What was scanned when it was stored may have been damaged since.
        guard end > start + 1, text[end - 1] == (text[start] == UInt8(ascii: "[") ? UInt8(ascii: "]") : UInt8(ascii: "}")) else { return nil }
        self.init(
            bytes: UnsafeRawBufferPointer(rebasing: text[start..<end]), offset: start,
            kind: text[start] == UInt8(ascii: "[") ? .array : .object, isEscaped: false)
    }

    /// A string's content, or nil.
    package var string: String? {
        guard kind == .string else { return nil }
        let content = UnsafeRawBufferPointer(rebasing: bytes[1..<bytes.count - 1])
        return isEscaped ? JSONScan.unescaped(content) : String(decoding: content, as: UTF8.self)
    }

    /// Is it the string that these UTF-8 bytes spell? Without making a `String`.
    package func isString(_ wanted: UnsafeRawBufferPointer) -> Bool {
        guard kind == .string else { return false }
        if isEscaped { return string?.utf8.elementsEqual(wanted) ?? false }
        return Self.isEqual(UnsafeRawBufferPointer(rebasing: bytes[1..<bytes.count - 1]), wanted)
    }

    /// Is it the string `text`? Without making a `String`.
    package func isString(_ text: StaticString) -> Bool {
        isString(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    static func isEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        a.count == b.count && (a.isEmpty || memcmp(a.baseAddress!, b.baseAddress!, a.count) == 0)
    }

    /// A whole number of 64 bits, or nil.
    package var integer: Int64? {
        guard kind == .integer else { return nil }
        return JSONScan.integer(bytes)
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
        var result: [JSONValue] = []
        return forEachElement { result.append($0) } ? result : nil
    }

    /// Visits the elements of an array; false if it is something else.
    package func forEachElement(_ body: (JSONValue) -> Void) -> Bool {
        guard kind == .array else { return false }
        var position = 1
        while position < bytes.count - 1 {
            let start = position
            var isEscaped = false
            position = Self.endOfElement(bytes, from: start, &isEscaped)
            if let element = Self.element(bytes, start..<position, isEscaped) { body(element) }
            position += 1
        }
        return true
    }

    /// Where the array's element that begins at `start` ends: at the comma or bracket behind it. The text is validated.
    private static func endOfElement(_ text: UnsafeRawBufferPointer, from start: Int, _ isEscaped: inout Bool) -> Int {
        var position = start
        var depth = 0
        while position < text.count - 1 {
            switch text[position] {
            case UInt8(ascii: "\""):
                position += 1
                // Of a text that is damaged the end may be missing.
                while position < text.count - 1, text[position] != UInt8(ascii: "\"") {
                    if text[position] == UInt8(ascii: "\\") {
                        isEscaped = true
                        position += 1
                    }
                    position += 1
                }
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ",") where depth == 0: return position
            default: break
            }
            position += 1
        }
        return min(position, text.count - 1)
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
}

extension JSONObject {
    /// Line of an offset in a text, from 1.
    package static func line(_ text: some Collection<UInt8>, offset: Int) -> Int {
        1 + text.prefix(offset).reduce(into: 0) { if $1 == UInt8(ascii: "\n") { $0 += 1 } }
    }
}
