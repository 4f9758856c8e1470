public import NIOHTTP1

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The header fields of a request as they were sent, taken apart when somebody asks.
///
/// Most handlers look at none of them, so a request keeps the bytes and nothing else. What the decoder hands out is well
/// formed: lines of a token, a colon, a value without control characters, and CRLF.
public struct RequestFields: Sendable {
    fileprivate var bytes: [UInt8]

    /// No fields.
    public init() { bytes = [] }

    fileprivate init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// All of them, in their order, names as they were written.
    public var headers: HTTPHeaders {
        var headers = HTTPHeaders()
        forEach { name, value in headers.add(name: Self.text(name), value: Self.text(value)) }
        return headers
    }

    /// The value of the first field of this name, whatever its case.
    public func first(_ name: String) -> String? {
        var found: String?
        forEach(named: name) { if found == nil { found = Self.text($0) } }
        return found
    }

    /// The values of all fields of this name, whatever its case.
    public func values(_ name: String) -> [String] {
        var found: [String] = []
        forEach(named: name) { found.append(Self.text($0)) }
        return found
    }

    /// A part that the decoder has found.
    subscript(_ slice: FieldSlice) -> String {
        bytes.withUnsafeBytes { Self.text(UnsafeRawBufferPointer(rebasing: $0[slice.range])) }
    }

    /// Whether a part that the decoder has found is these bytes.
    func equals(_ slice: FieldSlice, _ other: [UInt8]) -> Bool {
        guard slice.count == other.count, slice.count > 0 else { return slice.count == other.count }
        return bytes.withUnsafeBytes { mine in
            other.withUnsafeBytes { memcmp(mine.baseAddress! + slice.range.lowerBound, $0.baseAddress!, $0.count) == 0 }
        }
    }

    private func forEach(named name: String, _ body: (UnsafeRawBufferPointer) -> Void) {
        var wanted = name
        wanted.withUTF8 { wanted in
            forEach { name, value in if HeaderName.matches(name, UnsafeRawBufferPointer(wanted)) { body(value) } }
        }
    }

    /// Names and values, valid during the call.
    private func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
        bytes.withUnsafeBytes { bytes in
            var start = 0
            while let end = ByteSearch.index(of: 0x0A, in: bytes, from: start) {
                let colon = ByteSearch.index(of: UInt8(ascii: ":"), in: bytes, from: start) ?? start
                let value = HeaderName.trimmed(UnsafeRawBufferPointer(rebasing: bytes[min(colon + 1, end - 1)..<(end - 1)]))
                body(UnsafeRawBufferPointer(rebasing: bytes[start..<colon]), value)
                start = end + 1
            }
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// A part of a request's header fields.
struct FieldSlice {
    var start: Int32
    var count: Int32

    init(_ start: Int, count: Int) {
        self.start = Int32(truncatingIfNeeded: start)
        self.count = Int32(truncatingIfNeeded: count)
    }

    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

/// Memory for the header fields of the request that a loop looks at. Requests are answered one after the other, so that it is
/// free again for the next one, unless somebody has kept the fields: then the next one gets its own.
struct FieldMemory {
    /// Beyond that it is not kept: one request with a large cookie must not make every other one cost as much.
    private static let keptBytesMax = 4 * 1024

    private var bytes: [UInt8] = []

    mutating func hold(_ fields: UnsafeRawBufferPointer) -> RequestFields {
        if bytes.capacity <= Self.keptBytesMax { bytes.removeAll(keepingCapacity: true) } else { bytes = [] }
        bytes.append(contentsOf: fields)
        return RequestFields(bytes)
    }
}
