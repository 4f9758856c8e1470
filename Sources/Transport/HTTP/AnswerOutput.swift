import NIOCore

/// The answers of a connection on their way out: those to the requests of one read are collected and written together.
///
/// A class, because writing to a channel may come back for more before it returns.
final class AnswerOutput {
    private let loop: LoopContext
    private var channel: ChannelHandlerContext?
    /// From `attach` on.
    private(set) var writer: SocketWriter!
    private var bytes = ByteBuffer()
    private var hasBytes = false
    /// Unsent bytes when `isMoving` was last asked for.
    private var lastUnsent = Int.max

    /// Answers above this are written before the read they belong to is over.
    private static let batchBytesMax = 64 * 1024
    /// A body of this size or more is written as it is; a smaller one is cheaper to copy behind its head.
    private static let separateBodyBytesMin = 16 * 1024

    init(_ loop: LoopContext) { self.loop = loop }

    func attach(_ channel: ChannelHandlerContext, isPlain: Bool) {
        self.channel = channel
        writer = SocketWriter(channel, isPlain: isPlain)
    }

    /// The channel is gone.
    func detach() {
        channel = nil
        writer?.detach()
        if hasBytes { loop.buffers.recycle(take()) }
    }

    // MARK: Collecting

    /// Appends an answer.
    /// - Parameters:
    ///   - promised: Bytes of a body that follows; nil: that of the answer.
    ///   - isForHead: The request was a `HEAD`.
    /// - Returns: Bytes of its body; nil: it cannot be sent safely, and nothing was appended.
    func append(_ answer: HTTPAnswer, promised: Int?, _ persistence: HTTPResponseEncoder.Persistence, isForHead: Bool) -> Int? {
        guard (200...599).contains(answer.status) else { return nil }
        let isBodiless = answer.status == 204 || answer.status == 304
        let length = promised ?? answer.body.readableBytes
        start()
        guard HTTPResponseEncoder.append(answer, length: isBodiless ? nil : length, persistence, loop.date, to: &bytes) else { return nil }
        lastUnsent = .max
        if isForHead || isBodiless { return 0 }
        if answer.body.readableBytes < Self.separateBodyBytesMin {
            bytes.writeImmutableBuffer(answer.body)
            if bytes.readableBytes > Self.batchBytesMax { flush() }
        } else {
            writer.noteQueued()
            channel?.write(NIOAny(take()), promise: nil)
            channel?.write(NIOAny(answer.body), promise: nil)
            start()
        }
        return length
    }

    /// Has the client go on with its body (RFC 9110, section 10.1.1).
    func appendContinue() {
        start()
        bytes.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// Hands the answer to a handshake to the channel, behind what came before; the WebSocket flushes it.
    func write(_ accepted: Handshake.Accepted) {
        start()
        Handshake.appendAnswer(accepted, to: &bytes)
        writer.noteQueued()
        channel?.write(NIOAny(take()), promise: nil)
    }

    // MARK: Writing

    /// Writes what was collected.
    func flush() {
        guard hasBytes, let channel else { return }
        let buffer = take()
        if let rest = writer.put(buffer) { channel.writeAndFlush(NIOAny(rest), promise: nil) }
        loop.buffers.recycle(buffer)
    }

    /// Writes what was collected and `piece` behind it, and calls back on the loop when all of it is in the socket or cannot be.
    func write(_ piece: ByteBuffer? = nil, _ done: @escaping (_ isWritten: Bool) -> Void) {
        guard let channel else { return done(false) }
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolatedUnsafeUnchecked().whenComplete { result in
            if case .success = result { done(true) } else { done(false) }
        }
        writer.noteQueued()
        let collected = hasBytes ? take() : ByteBuffer()
        if let piece {
            if collected.readableBytes > 0 { channel.write(NIOAny(collected), promise: nil) }
            channel.writeAndFlush(NIOAny(piece), promise: promise)
        } else {
            channel.writeAndFlush(NIOAny(collected), promise: promise)
        }
    }

    /// Bytes that wait in the channel.
    var unsentBytes: Int { (try? channel?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

    /// Whether bytes wait in the channel and some went out since this was asked last, or since the last answer.
    func isMoving() -> Bool {
        let unsent = unsentBytes
        defer { lastUnsent = unsent }
        return unsent > 0 && unsent < lastUnsent
    }

    private func start() {
        guard !hasBytes else { return }
        hasBytes = true
        bytes = loop.buffers.take()
    }

    private func take() -> ByteBuffer {
        var buffer = ByteBuffer()
        swap(&buffer, &bytes)
        hasBytes = false
        return buffer
    }
}
