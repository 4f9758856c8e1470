import NIOCore

/// Outgoing buffers of a loop. A connection borrows one for the replies of one read and gives it back when they are
/// written; in the steady state nothing is allocated, and an idle connection holds no buffer.
struct BufferPool {
    /// Room for a typical batch of replies.
    static let bufferBytes = 4 * 1024
    /// A buffer that grew beyond this is not kept: one large message must not hold memory for ever.
    static let keptBytesMax = 128 * 1024
    /// Buffers kept; more are in use at once only while rooms fan out.
    static let keptMax = 32

    private var free: [ByteBuffer] = []
    private let allocator = ByteBufferAllocator()

    init() { free.reserveCapacity(Self.keptMax) }

    mutating func take() -> ByteBuffer {
        if let buffer = free.popLast() { return buffer }
        return allocator.buffer(capacity: Self.bufferBytes)
    }

    /// Takes back a buffer that was handed to the channel. If the socket could not take all of it the channel still
    /// shares it, and clearing makes a new one.
    mutating func recycle(_ buffer: consuming ByteBuffer) {
        guard free.count < Self.keptMax, buffer.capacity <= Self.keptBytesMax else { return }
        buffer.clear()
        free.append(buffer)
    }
}

extension ByteBuffer {
    /// In memory of its own, so that it does not hold what it is a part of.
    init(copyingBytesOf other: ByteBuffer) {
        self = ByteBufferAllocator().buffer(capacity: other.readableBytes)
        writeImmutableBuffer(other)
    }
}
