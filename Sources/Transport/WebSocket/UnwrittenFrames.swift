import NIOCore

/// Frames of one connection that are still to be written, as one buffer; holds memory only while there are some.
///
/// A frame that other connections get too is not copied if it is the only one, which in a room it nearly always is.
struct UnwrittenFrames {
    private var copied = ByteBuffer()
    /// `copied` is in use, and there is nothing in `shared`.
    private(set) var isCopied = false
    private var shared: ByteBuffer?

    @inline(__always)
    var isEmpty: Bool { !isCopied && shared == nil }

    /// Bytes of all of them.
    var count: Int { isCopied ? copied.readableBytes : shared?.readableBytes ?? 0 }

    /// Adds a frame by writing it to `buffer`.
    @inline(__always)
    mutating func append(_ pool: inout BufferPool, _ write: (_ buffer: inout ByteBuffer) -> Void) {
        if !isCopied { begin(&pool) }
        write(&copied)
    }

    /// Adds a frame that is encoded already.
    mutating func append(shared frame: ByteBuffer, _ pool: inout BufferPool) {
        if isEmpty {
            shared = frame
        } else {
            append(&pool) { $0.writeImmutableBuffer(frame) }
        }
    }

    /// Takes all of them. What was copied belongs to the pool when it is written.
    mutating func take() -> (bytes: ByteBuffer, isPooled: Bool) {
        if let frame = shared {
            shared = nil
            return (frame, false)
        }
        var buffer = ByteBuffer()
        swap(&buffer, &copied)
        defer { isCopied = false }
        return (buffer, isCopied)
    }

    private mutating func begin(_ pool: inout BufferPool) {
        isCopied = true
        copied = pool.take()
        guard let frame = shared else { return }
        // What comes next goes behind it.
        shared = nil
        copied.writeImmutableBuffer(frame)
    }
}
