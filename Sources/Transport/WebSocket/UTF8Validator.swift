/// Checks UTF-8 (RFC 3629) piece by piece, so that a text message is refused at its first wrong byte even when a
/// character is split over fragments or socket reads (RFC 6455, section 8.1).
public struct UTF8Validator {
    /// Continuation bytes still due in the character that is being read.
    private var due: UInt8 = 0
    /// What the next continuation byte may be; narrower than 80…BF after E0, ED, F0 and F4.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    init() {}

    /// No character is half read.
    var isComplete: Bool { due == 0 }

    /// Checks the next bytes. After false the validator is of no more use.
    mutating func check(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let count = bytes.count
        var index = 0
        while index < count {
            if due == 0 {
                index = Self.skipASCII(base, index, count)
                if index == count { return true }
                guard begin(base.load(fromByteOffset: index, as: UInt8.self)) else { return false }
            } else {
                let byte = base.load(fromByteOffset: index, as: UInt8.self)
                guard byte >= low, byte <= high else { return false }
                due -= 1
                low = 0x80
                high = 0xBF
            }
            index += 1
        }
        return true
    }

    /// Takes the first byte of a character.
    @inline(__always)
    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: due = 1
        case 0xE0: (due, low) = (2, 0xA0)
        case 0xE1...0xEC, 0xEE...0xEF: due = 2
        case 0xED: (due, high) = (2, 0x9F)
        case 0xF0: (due, low) = (3, 0x90)
        case 0xF1...0xF3: due = 3
        case 0xF4: (due, high) = (3, 0x8F)
        default: return false
        }
        return true
    }

    /// Index of the next byte above 7F; 32 and then 8 bytes at a time.
    @inline(__always)
    private static func skipASCII(_ base: UnsafeRawPointer, _ from: Int, _ count: Int) -> Int {
        let mask: UInt64 = 0x8080_8080_8080_8080
        var index = from
        while index &+ 32 <= count {
            let all = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                | base.loadUnaligned(fromByteOffset: index &+ 8, as: UInt64.self)
                | base.loadUnaligned(fromByteOffset: index &+ 16, as: UInt64.self)
                | base.loadUnaligned(fromByteOffset: index &+ 24, as: UInt64.self)
            if all & mask != 0 { break }
            index &+= 32
        }
        while index &+ 8 <= count {
            if base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & mask != 0 { break }
            index &+= 8
        }
        while index < count, base.load(fromByteOffset: index, as: UInt8.self) < 0x80 { index &+= 1 }
        return index
    }

    /// No byte is above 7F; 32 and then 8 bytes at a time, without looking in between.
    private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let count = bytes.count
        var index = 0
        var wide = SIMD4<UInt64>.zero
        while index &+ 32 <= count {
            wide |= base.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
            index &+= 32
        }
        var all = (wide[0] | wide[1]) | (wide[2] | wide[3])
        while index &+ 8 <= count {
            all |= base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        while index < count {
            all |= UInt64(base.load(fromByteOffset: index, as: UInt8.self))
            index &+= 1
        }
        return all & 0x8080_8080_8080_8080 == 0
    }

    /// Offset of the first byte that is not part of a whole character; nil if the bytes are UTF-8. Slower than `isValid`: for
    /// messages about what is not.
    public static func firstInvalid(in bytes: UnsafeRawBufferPointer) -> Int? {
        var validator = UTF8Validator()
        var start = 0
        for index in bytes.indices {
            if validator.isComplete { start = index }
            guard validator.check(UnsafeRawBufferPointer(rebasing: bytes[index...index])) else { return start }
        }
        return validator.isComplete ? nil : start
    }

    /// Whether the bytes are UTF-8 as a whole. Messages are mostly ASCII, for which this takes a few nanoseconds.
    public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if isASCII(bytes) { return true }
        var validator = UTF8Validator()
        return validator.check(bytes) && validator.isComplete
    }
}
