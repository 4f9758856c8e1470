#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Names and values of header fields, compared as bytes.
enum HeaderName {
    /// Whether `name` is `lowercase` but for its case.
    @inline(__always)
    static func matches(_ name: String, _ lowercase: StaticString) -> Bool {
        guard name.utf8.count == lowercase.utf8CodeUnitCount else { return false }
        var expected = lowercase.utf8Start
        for byte in name.utf8 {
            if lower(byte) != expected.pointee { return false }
            expected += 1
        }
        return true
    }

    @inline(__always)
    static func matches(_ name: UnsafeRawBufferPointer, _ lowercase: StaticString) -> Bool {
        let count = lowercase.utf8CodeUnitCount
        guard name.count == count else { return false }
        let expected = lowercase.utf8Start
        for index in 0..<count where lower(name[index]) != expected[index] { return false }
        return true
    }

    /// Whether two names are the same but for their case.
    static func matches(_ name: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        guard name.count == other.count else { return false }
        for index in 0..<name.count where lower(name[index]) != lower(other[index]) { return false }
        return true
    }

    /// Whether a comma-separated list has the token, without case.
    static func list(_ value: String, has token: StaticString) -> Bool {
        var value = value
        return value.withUTF8 { list(UnsafeRawBufferPointer($0), has: token) }
    }

    static func list(_ value: UnsafeRawBufferPointer, has token: StaticString) -> Bool {
        var start = 0
        while start <= value.count {
            let end = ByteSearch.index(of: UInt8(ascii: ","), in: value, from: start) ?? value.count
            if matches(trimmed(UnsafeRawBufferPointer(rebasing: value[start..<end])), token) { return true }
            start = end + 1
        }
        return false
    }

    /// Without blanks and tabs at both ends.
    @inline(__always)
    static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// RFC 9110, section 5.6.2.
    @inline(__always)
    static func isTokenByte(_ byte: UInt8) -> Bool {
        // The 77 characters as two words of bits.
        let bits: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return byte < 128 && bits >> UInt64(byte & 63) & 1 == 1
    }

    static func isToken(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where !isTokenByte(byte) { return false }
        return !bytes.isEmpty
    }

    /// RFC 9110, section 5.5: no control characters but the tab.
    static func isValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // All of them, without a way out in between: so the compiler looks at many at a time.
        var isBad = false
        for byte in bytes { isBad = isBad || !isValueByte(byte) }
        return !isBad
    }

    @inline(__always)
    static func isValueByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    @inline(__always)
    private static func lower(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}

/// Looking for a byte.
enum ByteSearch {
    @inline(__always)
    static func index(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress else { return nil }
        guard let found = memchr(base + start, CInt(byte), bytes.count - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }
}

extension Substring {
    /// Without blanks and tabs at both ends.
    var trimmed: Substring {
        var result = self
        while let last = result.utf8.last, last == 0x20 || last == 0x09 { result = result.dropLast() }
        return result.drop { $0 == " " || $0 == "\t" }
    }
}
