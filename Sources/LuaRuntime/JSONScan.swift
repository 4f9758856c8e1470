internal import CLuaShim

/// One member of a scanned JSON object; offsets and lengths in bytes of the text.
public struct JSONSlice: Sendable {
    /// Of the name, after its quotation mark.
    public let nameOffset: Int
    /// Without the quotation marks.
    public let nameCount: Int
    /// Of the value; strings with their quotation marks.
    public let valueOffset: Int
    public let valueCount: Int
    public let kind: JSONKind
    /// The name contains a backslash.
    public let isNameEscaped: Bool
    /// The value is a string that contains a backslash.
    public let isValueEscaped: Bool
}

/// Type of a JSON value.
public enum JSONKind: UInt8, Sendable {
    case null, `false`, `true`
    /// Without fraction and exponent; may exceed 64 bits.
    case integer
    case float, string, array, object
}

/// Why a text was refused.
public struct JSONFault: Error, Sendable, Equatable {
    /// Offset of the fault in bytes.
    public var offset: Int
    /// For people.
    public var detail: String

    public init(offset: Int, detail: String) {
        self.offset = offset
        self.detail = detail
    }
}

/// The codec's scanner: finds the members of an object without Lua and without building values. Any thread.
public enum JSONScan {
    /// What the first attempt has room for; the usual message has fewer members.
    private static let usualMembers = 8

    /// Validates the whole text (structure, depth, UTF-8), which must be an object, and lists its members in their order.
    ///
    /// - Throws: ``JSONFault`` also when there are more than `membersMax` members.
    public static func members(of text: UnsafeRawBufferPointer, membersMax: Int) throws(JSONFault) -> [JSONSlice] {
        let first = try scan(text, room: min(usualMembers, membersMax))
        if first.count <= first.slices.count { return first.slices }
        guard first.count <= membersMax else { throw JSONFault(offset: 0, detail: "more than \(membersMax) members") }
        return try scan(text, room: first.count).slices
    }

    private static func scan(
        _ text: UnsafeRawBufferPointer, room: Int
    ) throws(JSONFault) -> (count: Int, slices: [JSONSlice]) {
        var fault = nj_error()
        var count = 0
        let slices = withUnsafeTemporaryAllocation(of: nj_slice.self, capacity: room) { found -> [JSONSlice] in
            count = Int(nj_json_scan(characters(text), text.count, found.baseAddress, Int32(room), &fault))
            return found.prefix(max(0, min(count, room))).map { JSONSlice($0) }
        }
        guard count >= 0 else {
            let detail = withUnsafeBytes(of: &fault.detail) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            throw JSONFault(offset: fault.offset, detail: detail)
        }
        return (count, slices)
    }

    /// The content of a validated string, given without its quotation marks, without escapes.
    public static func unescaped(_ content: UnsafeRawBufferPointer) -> String {
        var buffer = nj_buf()
        defer { nj_buf_free(&buffer) }
        guard nj_json_unescape(characters(content), content.count, &buffer) == 0 else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: buffer.data, count: buffer.len), as: UTF8.self)
    }

    /// A whole number of at most 64 bits ("-12"); nil for anything else.
    public static func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
        var value: Int64 = 0
        return nj_json_integer(characters(text), text.count, &value) == 1 ? value : nil
    }

    private static func characters(_ text: UnsafeRawBufferPointer) -> UnsafePointer<CChar>? {
        text.baseAddress?.assumingMemoryBound(to: CChar.self)
    }
}

extension JSONSlice {
    fileprivate init(_ slice: nj_slice) {
        nameOffset = Int(slice.key)
        nameCount = Int(slice.key_len)
        valueOffset = Int(slice.value)
        valueCount = Int(slice.value_len)
        kind = JSONKind(rawValue: slice.type) ?? .null
        isNameEscaped = slice.key_escaped != 0
        isValueEscaped = slice.value_escaped != 0
    }
}
