import NIOCore

/// The frames of one client on their way to its channel. Used on its loop only.
final class ClientWriter {
    let channel: ChannelHandlerContext
    private let maxUnsent: Int
    /// Nil unless compression was negotiated.
    var deflater: MessageDeflater?
    private var isFlushScheduled = false
    /// The channel is gone.
    var isOver = false

    init(_ channel: ChannelHandlerContext, maxUnsent: Int) {
        self.channel = channel
        self.maxUnsent = maxUnsent
    }

    /// Bytes that the operating system has not taken yet.
    var unsentBytes: Int { (try? channel.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

    /// Whether so many bytes more may wait. A single message may be larger than the bound if nothing waits before it.
    func admits(_ bytes: Int) -> Bool {
        let waiting = unsentBytes
        return waiting == 0 || waiting + bytes <= maxUnsent
    }

    func message(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind, promise: EventLoopPromise<Void>?) {
        if let deflater, bytes.count >= deflater.threshold, let payload = deflater.compress(bytes) {
            write(kind.rawValue | Opcode.compressed, payload, promise)
        } else {
            write(kind.rawValue, bytes, promise)
        }
    }

    /// Pings and pongs of a connection that takes nothing are left out; section 5.5.3 asks only for the latest pong.
    func control(_ opcode: UInt8, _ payload: UnsafeRawBufferPointer) {
        if admits(payload.count) { write(opcode, payload, nil) }
    }

    /// The last frame, at once.
    func close(_ code: UInt16, _ reason: String, then: ((ChannelHandlerContext) -> Void)? = nil) {
        let channel = channel
        var frame = channel.channel.allocator.buffer(capacity: 128 + FrameEncoder.headerBytesMax)
        FrameEncoder.appendClose(code, reason, mask: Self.newMask(), to: &frame)
        let written = channel.eventLoop.makePromise(of: Void.self)
        if let then { written.futureResult.assumeIsolated().whenComplete { _ in then(channel) } }
        channel.writeAndFlush(NIOAny(frame), promise: written)
    }

    private func write(_ opcode: UInt8, _ bytes: UnsafeRawBufferPointer, _ promise: EventLoopPromise<Void>?) {
        var frame = channel.channel.allocator.buffer(capacity: bytes.count + FrameEncoder.headerBytesMax)
        FrameEncoder.append(opcode, bytes, mask: Self.newMask(), to: &frame)
        channel.write(NIOAny(frame), promise: promise)
        flushLater()
    }

    /// A key per frame that nobody can foresee (section 5.3).
    private static func newMask() -> UInt32 { .random(in: .min ... .max) }

    private func flushLater() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        channel.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            if !self.isOver { self.channel.flush() }
        }
    }
}
