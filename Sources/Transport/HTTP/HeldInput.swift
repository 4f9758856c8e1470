import NIOCore

/// What a connection has read and cannot decode yet: the beginning of a head, or requests that were sent ahead of an answer.
/// While any of the latter wait nothing more is read, so one read of the socket bounds them.
struct HeldInput {
    private var bytes: ByteBuffer?
    /// Whole requests may wait in it.
    private(set) var isBehind = false
    /// So many of those that waited have been begun.
    private var begun = 0

    var isEmpty: Bool { bytes == nil }
    /// Bytes of memory.
    var capacity: Int { bytes?.capacity ?? 0 }

    /// Adds what was read.
    /// - Parameter isOwn: The memory is the connection's alone; else it is copied.
    mutating func add(_ more: ByteBuffer, isOwn: Bool) {
        guard bytes == nil else {
            bytes!.discardReadBytes()
            bytes!.writeImmutableBuffer(more)
            return
        }
        bytes = isOwn ? more : ByteBuffer(copyingBytesOf: more)
    }

    mutating func take() -> ByteBuffer? {
        defer { bytes = nil }
        return bytes
    }

    /// Decoding stopped before the input's end, for an answer is not there or its client does not take it.
    mutating func fallBehind() {
        guard !isBehind else { return }
        isBehind = true
        begun = 0
    }

    /// Everything is decoded but for the beginning of a head.
    mutating func catchUp() { isBehind = false }

    /// A request is begun.
    /// - Returns: How many of those that waited have been so far; 0: it did not wait.
    mutating func begin() -> Int {
        guard isBehind else { return 0 }
        begun += 1
        return begun
    }
}
