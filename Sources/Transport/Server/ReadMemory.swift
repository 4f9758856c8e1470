import NIOCore

/// One read buffer for all connections of a loop.
///
/// By default NIO keeps a buffer per connection, which is most of what an idle connection costs. Here the buffer is lent
/// to the read and given back after it; whoever keeps a slice of it makes the next read allocate a new one, nothing else.
final class ReadMemory: RecvByteBufferAllocator, @unchecked Sendable {
    // Owned by the loop: NIO calls an allocator only on the channel's event loop, and the channels that have this one
    // are all on the same.

    /// Bytes of one read. Larger reads mean fewer system calls for a busy connection.
    static let bytes = 64 * 1024

    private var buffer: ByteBuffer?

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        if var lent = buffer {
            buffer = nil
            // Makes a new one if somebody kept a slice.
            lent.clear()
            return lent
        }
        return allocator.buffer(capacity: Self.bytes)
    }

    /// "May grow": the channel must ask for a buffer each time and not use the one it keeps.
    func record(actualReadBytes: Int) -> Bool { true }

    /// Takes the buffer back after a read. By then only the reading channel holds it too, and lets go on return.
    func giveBack(_ used: consuming ByteBuffer) {
        guard buffer == nil, used.storageCapacity >= Self.bytes else { return }
        buffer = used
    }
}

/// Read buffers of connections with TLS, which keeps what it is given until a record is complete: a small one that the channel
/// keeps, larger ones for as long as reads fill it. So an idle or half-open connection holds little more than what it has sent.
struct TLSReadBuffers: RecvByteBufferAllocator {
    /// The channel keeps its first buffer as long as it lives, WebSockets included. Most requests fit.
    static let firstBytes = 512
    static let grownBytes = 16 * 1024

    private var isGrown = false

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: isGrown ? Self.grownBytes : Self.firstBytes)
    }

    mutating func record(actualReadBytes: Int) -> Bool {
        isGrown = actualReadBytes >= Self.firstBytes
        return isGrown
    }
}
