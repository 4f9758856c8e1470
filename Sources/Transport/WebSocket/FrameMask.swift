/// The masking of client frames (RFC 6455, section 5.3).
enum FrameMask {
    /// Copies `count` bytes and applies the mask on the way, eight bytes at a time.
    /// - Parameters:
    ///   - key: The four key bytes as they lie in memory.
    ///   - phase: Number of payload bytes before the first one, modulo 4.
    @inline(__always)
    static func copy(
        from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int, key: UInt32, phase: Int
    ) {
        let bits = UInt32(phase & 3) &* 8
        let turned = UInt32(littleEndian: key) &>> bits | UInt32(littleEndian: key) &<< ((32 &- bits) & 31)
        let word = bits == 0 ? UInt32(littleEndian: key) : turned
        let wide = UInt64(word) | UInt64(word) << 32
        var index = 0
        while index &+ 8 <= count {
            let value = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ wide
            target.storeBytes(of: value.littleEndian, toByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        while index < count {
            let value = source.load(fromByteOffset: index, as: UInt8.self) ^ UInt8(truncatingIfNeeded: wide >> UInt64((index & 7) * 8))
            target.storeBytes(of: value, toByteOffset: index, as: UInt8.self)
            index &+= 1
        }
    }
}
