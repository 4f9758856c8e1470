/// A 64-bit checksum that finds flipped bits, lost and reordered rows. It is no protection against forgery: whoever
/// can rewrite the file could recompute any chain that has no secret and no copy elsewhere.
struct Checksum {
    private(set) var value: UInt64

    init(_ seed: UInt64 = 0) { value = seed }

    mutating func add(_ word: UInt64) {
        value = Checksum.mix(value ^ 0x9E37_79B9_7F4A_7C15, word ^ 0xD1B5_4A32_D192_ED03)
    }

    mutating func add(_ number: Int64) { add(UInt64(bitPattern: number)) }

    mutating func add(_ id: StateID) {
        add(id.high)
        add(id.low)
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { add($0) }
    }

    /// The length goes in too, so that neighboring fields cannot trade bytes.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        add(UInt64(bytes.count))
        var state = value
        var offset = 0
        while offset + 16 <= bytes.count {
            let first = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let second = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
            state = Checksum.mix(first ^ state ^ 0xA076_1D64_78BD_642F, second ^ 0xE703_7ED1_A0B4_28DB) &+ state
            offset += 16
        }
        value = state
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

    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
