import NIOCore
import NIOHTTP1
import Synchronization

/// One connection while it speaks HTTP/1.1: puts requests together, finds their routes, writes answers in order, guards
/// the limits, and hands over to a `Connection` when a WebSocket is opened. Sits behind NIO's request decoder.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Between requests.
        case idle
        /// A request's head is known, its body comes in.
        case receiving
        /// A responder has the request.
        case answering
        /// A long body goes out.
        case streaming
        /// The last answer went out; input is dropped until the connection ends.
        case ending
        /// Handed over to a WebSocket.
        case upgraded
        case closed
    }

    /// What came behind the queued requests and ends the connection.
    enum QueueEnd {
        /// Nothing that gets an answer.
        case silent
        /// Something that is no request.
        case refusal(HeadSummary.Refusal)
    }

    let loop: LoopContext
    let routes: ListenerRoutes
    let hosts: HostPolicy
    let decoder: any RemovableChannelHandler
    /// Bytes of all its reads.
    let bytesRead: ReadCount
    private(set) var channel: ChannelHandlerContext?
    /// No TLS: what is written goes to the socket as it is.
    private let isPlain: Bool
    /// From `handlerAdded` on.
    var writer: SocketWriter!

    var phase = Phase.idle
    var current: HTTPExchange?
    var serial: UInt64 = 0
    weak var reply: HTTPReply?
    var stream: (any BodyStream)?
    var streamRemaining = 0
    /// Parts of requests that were sent ahead of an answer.
    var queue = CircularBuffer<HTTPServerRequestPart>()
    var queuedRequests = 0
    /// How the connection ends once the queue is answered; nil: it goes on. What is read after that is dropped.
    var ending: QueueEnd?
    var isProcessing = false
    var isReading = false
    /// The channel told that it takes more; kept here because it is asked for every part of a request.
    var isWritable = true
    var isReadHeld = false
    var sawPart = false
    var isHeadStarted = true
    var outgoing = ByteBuffer()
    var hasOutgoing = false
    var remoteText: String?
    /// When the head of the current request came; only with an access log.
    var began: NIODeadline?
    /// The host that was allowed last; a client names the same one every time.
    var checkedHost: String?
    /// Unsent bytes when a deadline was last looked at.
    var lastWaiting = Int.max
    var timer = TimerNote()

    // The half-open list's own links.
    var isHalfOpen = false
    var halfOpenNext: HTTPConnection?
    // Unsafe because the list clears it before the neighbor goes; a checked reference would cost a count per link.
    unowned(unsafe) var halfOpenPrevious: HTTPConnection?

    /// Answers above this are written before the read they belong to is over.
    static let batchBytesMax = 64 * 1024
    /// A body of this size or more is written as it is; a smaller one is cheaper to copy behind its head.
    static let separateBodyBytesMin = 16 * 1024

    init(loop: LoopContext, listener: String, hosts: HostPolicy, bytesRead: ReadCount, decoder: any RemovableChannelHandler, isPlain: Bool) {
        self.isPlain = isPlain
        self.bytesRead = bytesRead
        self.loop = loop
        self.hosts = hosts
        self.decoder = decoder
        routes = loop.routes(of: listener)
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        channel = context
        writer = SocketWriter(context, isPlain: isPlain)
        loop.add(self)
        loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.headerTimeout))
        loop.halfOpen.append(self)?.abort()
    }

    func handlerRemoved(context: ChannelHandlerContext) { gone() }

    func channelInactive(context: ChannelHandlerContext) {
        if phase == .upgraded { context.fireChannelInactive() }
        gone()
    }

    func gone() {
        guard phase != .closed else { return }
        if phase != .upgraded { loop.shared.connections.subtract(1, ordering: .relaxed) }
        phase = .closed
        channel = nil
        loop.wheel.cancel(self)
        queue = CircularBuffer()
        current = nil
        if hasOutgoing { loop.buffers.recycle(takeOutgoing()) }
        stream?.end()
        stream = nil
        let reply = self.reply
        self.reply = nil
        loop.remove(self)
        // In a turn of its own, like everything a responder is told.
        if let reply { loop.eventLoop.assumeIsolatedUnsafeUnchecked().execute { reply.cancel() } }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if phase == .upgraded {
            // What the decoder had left: the first frames. It does not announce the end of the read.
            context.fireChannelRead(data)
            context.fireChannelReadComplete()
            return
        }
        sawPart = true
        isReading = true
        loop.buffered.noteTraffic()
        let part = unwrapInboundIn(data)
        if isProcessing || !queue.isEmpty || phase == .answering || phase == .streaming || !isWritable {
            enqueue(part)
        } else {
            isProcessing = true
            handle(part)
            isProcessing = false
        }
    }

    func enqueue(_ part: HTTPServerRequestPart) {
        guard phase != .ending, phase != .closed, ending == nil else { return }
        if case .head = part {
            // Nobody sends so many ahead; those that were taken in are still answered.
            guard queuedRequests < loop.limits.pipelinedRequestsMax else {
                ending = .silent
                return
            }
            queuedRequests += 1
        }
        queue.append(part)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if phase == .upgraded {
            context.fireChannelReadComplete()
            return
        }
        isReading = false
        if hasTooMuchOverhead {
            refuse(.init(status: 400, code: "bad_request", message: "The chunks of the body have too much beside their bytes."))
        }
        if hasOutgoing { flush() }
        if phase == .idle, !sawPart, !isHeadStarted {
            // Bytes came and no part: a head has begun. From here on it must be complete in time.
            isHeadStarted = true
            loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.headerTimeout))
        }
        sawPart = false
    }

    func read(context: ChannelHandlerContext) {
        switch phase {
        case .answering, .streaming: isReadHeld = true
        case .idle, .receiving:
            if queue.isEmpty, isWritable { context.read() } else { isReadHeld = true }
        case .ending, .upgraded, .closed: context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if phase == .upgraded { return context.fireChannelWritabilityChanged() }
        isWritable = context.channel.isWritable
        if isWritable { proceed() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch phase {
        case .upgraded: context.fireErrorCaught(error)
        case .ending, .closed: break
        case .idle, .receiving, .answering, .streaming:
            // Behind the answers that are due: now it would be taken for one of them.
            if let refusal = HeadSummary.Refusal(decoderError: error) {
                ending = ending ?? .refusal(refusal)
            } else if current == nil, queue.isEmpty {
                return context.close(promise: nil)
            } else {
                ending = ending ?? .silent
            }
            proceed()
        }
    }

    /// Takes up what was queued, as far as it goes, then reading.
    func proceed() {
        guard !isProcessing else { return }
        isProcessing = true
        while phase == .idle || phase == .receiving, isWritable, let part = queue.popFirst() {
            if case .head = part { queuedRequests -= 1 }
            handle(part)
        }
        isProcessing = false
        if let ending, queue.isEmpty, phase == .idle || phase == .receiving { return end(ending) }
        if hasOutgoing, !isReading { flush() }
        guard isReadHeld, queue.isEmpty, isWritable else { return }
        switch phase {
        case .idle, .receiving, .ending:
            isReadHeld = false
            channel?.read()
        case .answering, .streaming, .upgraded, .closed: break
        }
    }

    /// Whether the request that is being answered is the last one.
    var isLast: Bool {
        if case .silent = ending { return queuedRequests == 0 }
        return false
    }

    /// The requests before it are answered.
    private func end(_ ending: QueueEnd) {
        switch ending {
        case .silent: finish(half: true)
        case .refusal(let refusal): refuse(refusal)
        }
    }

    /// The decoder swallows what chunks have beside their bytes, so only the bytes of the socket tell.
    private var hasTooMuchOverhead: Bool {
        guard phase == .receiving, let current, current.summary.isChunked else { return false }
        let body = current.body?.readableBytes ?? 0
        return bytesRead.bytes - current.startsAt > loop.limits.chunkOverheadBytesMax + 8 * body
    }

    func handle(_ part: HTTPServerRequestPart) {
        switch (phase, part) {
        case (.idle, .head(let head)): begin(head)
        case (.receiving, .body(let bytes)): receive(bytes)
        case (.receiving, .end): received()
        default: break
        }
    }

    // MARK: Writing

    func startOutgoing() {
        guard !hasOutgoing else { return }
        hasOutgoing = true
        outgoing = loop.buffers.take()
    }

    func takeOutgoing() -> ByteBuffer {
        var buffer = ByteBuffer()
        swap(&buffer, &outgoing)
        hasOutgoing = false
        return buffer
    }

    func flush() {
        guard hasOutgoing, let channel else { return }
        let buffer = takeOutgoing()
        if let rest = writer.put(buffer, channel) { channel.writeAndFlush(NIOAny(rest), promise: nil) }
        loop.buffers.recycle(buffer)
    }

    // MARK: Ends

    /// The server is stopping: idle connections end now, others with their answer.
    func drain() {
        switch phase {
        // What its client has not taken yet goes out first.
        case .idle where queue.isEmpty: if heldBytes > 0 { finish(half: true) } else { channel?.close(promise: nil) }
        case .idle, .receiving, .answering, .streaming: current?.keepAlive = false
        case .ending, .upgraded, .closed: break
        }
    }

    /// What `BufferBound` counts: unsent bytes, the body that is coming in, and requests that were sent ahead.
    var heldBytes: Int {
        guard phase != .upgraded, phase != .closed else { return 0 }
        let waiting = (try? channel?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        return waiting + (current?.body?.capacity ?? 0) + queuedRequests * Self.queuedRequestBytes
    }

    /// About what the head of a request that waits takes.
    private static let queuedRequestBytes = 512

    func abort() { channel?.close(promise: nil) }

    /// Whether bytes wait in the channel and some went out since this was asked last.
    func isSending() -> Bool {
        let waiting = (try? channel?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        defer { lastWaiting = waiting }
        return waiting > 0 && waiting < lastWaiting
    }
}

extension HTTPConnection: TimerEntry {
    func timerFired(now: UInt32) {
        switch phase {
        case .answering, .upgraded, .closed: break
        // Requests wait here for the client to read.
        case .idle where !queue.isEmpty, .receiving where !queue.isEmpty: abortUnlessSending()
        case .idle where isHeadStarted && !isHalfOpen, .receiving:
            refuse(.init(status: 408, code: "timeout", message: "The request took too long."))
        case .idle, .ending: abortUnlessSending()
        case .streaming: abort()
        }
    }

    /// A long answer to a slow client may take its time as long as it moves.
    private func abortUnlessSending() {
        if isSending() {
            loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.sendTimeout))
        } else {
            abort()
        }
    }
}
