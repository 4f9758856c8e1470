/// Part of a `ByteArena`.
package struct ArenaRange: Equatable, Sendable {
    package var offset: UInt32
    package var count: UInt32

    package static let empty = ArenaRange(offset: 0, count: 0)
}

/// Growing memory for the bytes of many small values, cleared as a whole. Used instead of one array per message.
///
/// Owned by one loop at a time; a batch that holds one moves with it.
package struct ByteArena: ~Copyable {
    /// What `removeAll` keeps. 64 KiB: the replies of a read of many small messages; larger ones are given back.
    package static let keptBytes = 64 << 10

    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private(set) var count = 0

    package init() {}

    deinit { base?.deallocate() }

    /// Copies the bytes to the end. The whole arena must stay below 4 GiB; callers bound it far lower.
    @inline(__always)
    package mutating func append(_ bytes: UnsafeRawBufferPointer) -> ArenaRange {
        let start = count
        let end = start + bytes.count
        if end > capacity { grow(to: end) }
        if let source = bytes.baseAddress, bytes.count > 0 {
            base.unsafelyUnwrapped.advanced(by: start).copyMemory(from: source, byteCount: bytes.count)
        }
        count = end
        return ArenaRange(offset: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: bytes.count))
    }

    package mutating func append(_ text: String) -> ArenaRange {
        var text = text
        return text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    package mutating func append(_ bytes: [UInt8]) -> ArenaRange {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Valid until the next call that changes the arena.
    @inline(__always)
    package func bytes(_ range: ArenaRange) -> UnsafeRawBufferPointer {
        precondition(Int(range.offset) + Int(range.count) <= count, "range of another arena")
        return UnsafeRawBufferPointer(start: base?.advanced(by: Int(range.offset)), count: Int(range.count))
    }

    package func string(_ range: ArenaRange) -> String {
        String(decoding: bytes(range), as: UTF8.self)
    }

    package func array(_ range: ArenaRange) -> [UInt8] { [UInt8](bytes(range)) }

    @inline(__always)
    package mutating func removeAll() {
        count = 0
        if capacity > ByteArena.keptBytes { shrink() }
    }

    private mutating func shrink() {
        base?.deallocate()
        base = nil
        capacity = 0
    }

    @inline(never)
    private mutating func grow(to needed: Int) {
        let size = max(needed, capacity * 2, 1_024)
        let new = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        if let base {
            new.copyMemory(from: base, byteCount: count)
            base.deallocate()
        }
        base = new
        capacity = size
    }
}
