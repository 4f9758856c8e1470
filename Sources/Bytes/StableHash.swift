/// A 64-bit hash that is the same on every machine, in every process and for ever: stores and journals hold its values. (Swift's
/// own `Hasher` gives other values in every process.)
///
/// Finds flipped bits, lost and reordered values; spreads names evenly. It is no protection against forgery: whoever can
/// rewrite what was hashed can hash it again, and find two texts with one value.
///
/// Each word is folded into the value by a multiplication of 64 by 64 bits whose halves are combined, so every bit of the word
/// reaches all bits of the value; bytes are taken sixteen at a time.
package struct StableHash: Hashable, Sendable {
    @usableFromInline var state: UInt64

    /// - Parameter seed: The value that the hash goes on from.
    @inlinable
    package init(_ seed: UInt64 = 0) { state = seed }

    @inlinable package var value: UInt64 { state }

    package init(of text: String) {
        self.init()
        add(text)
    }

    package init(of bytes: [UInt8]) {
        self.init()
        add(bytes)
    }

    package init(of bytes: UnsafeRawBufferPointer) {
        self.init()
        add(bytes)
    }

    @inlinable
    package mutating func add(_ word: UInt64) {
        state = Self.mix(state ^ 0x9E37_79B9_7F4A_7C15, word ^ 0xD1B5_4A32_D192_ED03)
    }

    @inlinable
    package mutating func add(_ number: Int64) { add(UInt64(bitPattern: number)) }

    package mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    package mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { add($0) }
    }

    /// The length goes in too, so that neighboring fields cannot trade bytes.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        add(UInt64(bytes.count))
        var state = self.state
        var offset = 0
        while offset + 16 <= bytes.count {
            let first = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let second = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
            state = Self.mix(first ^ state ^ 0xA076_1D64_78BD_642F, second ^ 0xE703_7ED1_A0B4_28DB) &+ state
            offset += 16
        }
        self.state = state
        var rest: UInt64 = 0
        var filled: UInt64 = 0
        while offset < bytes.count {
            rest |= UInt64(bytes[offset]) << (8 * filled)
            filled += 1
            offset += 1
            if filled == 8 {
                add(rest)
                rest = 0
                filled = 0
            }
        }
        if filled > 0 { add(rest) }
    }

    @inlinable @inline(__always)
    static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    /// Which of `count` places what was hashed belongs to, 0 ..< `count`: the same as long as there are as many.
    package func place(among count: Int) -> Int { Int(state % UInt64(count)) }
}
