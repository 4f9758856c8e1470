import NIOCore
import NIOHTTP1
import Synchronization

/// A WebSocket connection. Used on its event loop only.
///
/// Nothing done to a connection calls its endpoint back at once: `closed` comes in a turn of its own, so that calls are
/// safe in the middle of whatever the caller is doing.
public final class Connection {
    public let id: ConnectionID
    /// The loop the connection lives on.
    public let context: LoopContext
    /// The endpoint's own record; the transport does not look at it.
    public var attachment: AnyObject?
    /// The request the connection was opened with, until `releaseRequest`.
    public var request: UpgradeRequest? { requestBox?.request }

    let endpoint: any WebSocketEndpoint
    private let maxUnsent: Int
    /// The close code its client asks for when the server stops; nil: the usual one.
    let stopCode: UInt16?
    private var requestBox: RequestBox?
    private var remoteText: String?
    private var channel: ChannelHandlerContext?
    var machine: WebSocketMachine
    var liveness: Liveness
    /// Nil unless compression was negotiated.
    let deflater: MessageDeflater?
    private let pingsKeepAlive: Bool
    /// Deadlines: of liveness while open, of the closing handshake after that.
    var timer = TimerNote()

    private var writer: SocketWriter
    private var outgoing = UnwrittenFrames()
    /// Bytes wait in the channel that it has not been told to flush: the answer to the handshake.
    private var needsFlush = false
    private var isFlushScheduled = false
    private var isReading = false
    private var isPaused = false
    private var isReadHeld = false
    /// What was read and not decoded because the endpoint paused.
    private var held: ByteBuffer?
    private var isTornDown = false
    /// Something was written since the channel was last found empty.
    private var mayBeUnsent = false
    /// The channel has more to write than its mark.
    private var isBackedUp = false
    private var closeCode = CloseCode.lost
    private var closeReason = ""
    /// Places in rooms on this loop, left when the connection ends.
    var memberships: [LocalRoom] = []

    /// Batches above this are written before the read they answer is over, so that a burst of replies does not pile up.
    static let batchBytesMax = 64 * 1024
    /// A shared frame of this size or more is not copied behind other frames; they are written before it.
    static let sharedBytesMin = 16 * 1024

    init(
        id: ConnectionID, context: LoopContext, endpoint: any WebSocketEndpoint, options: WebSocketOptions,
        compression agreement: CompressionAgreement?, request: UpgradeRequest, writer: SocketWriter
    ) {
        self.writer = writer
        self.id = id
        self.context = context
        self.endpoint = endpoint
        maxUnsent = max(1, options.maxUnsent)
        let asksForGoingAway = options.letsClientsChooseStopCode && request.query?.split(separator: "&").contains("stop_code=1001") == true
        stopCode = asksForGoingAway ? CloseCode.goingAway : nil
        requestBox = RequestBox(request)
        deflater = agreement.map { MessageDeflater($0, context.compression) }
        pingsKeepAlive = options.pingsKeepAlive
        machine = WebSocketMachine(
            role: .server, maxMessage: options.maxMessage,
            inflater: agreement.map { MessageInflater($0, maxMessage: options.maxMessage, context.compression) })
        liveness = Liveness(
            idleTicks: TimerWheel.ticks(options.idleTimeout), pingTicks: TimerWheel.ticks(options.pingInterval),
            pongTicks: TimerWheel.ticks(options.pongTimeout), now: context.wheel.now)
    }

    /// The other side's address without its port, or "unix"; empty if the connection was lost before it was first asked for.
    public var remote: String {
        if let remoteText { return remoteText }
        guard let channel else { return "" }
        let text = channel.remoteAddress.map(RemoteAddress.text) ?? "unix"
        remoteText = text
        return text
    }

    /// Forgets `request`, to save memory.
    public func releaseRequest() { requestBox = nil }

    /// Messages can be sent: no close frame has gone out, and the connection is not gone.
    public var isOpen: Bool { machine.isOpen && !isTornDown }

    /// What `BufferBound` counts: unsent bytes, the message that is coming in, and what was read ahead.
    var heldBytes: Int {
        let bytes = machine.messageCapacity + (held?.readableBytes ?? 0) + outgoing.count
        guard mayBeUnsent else { return bytes }
        let waiting = channelBytes
        mayBeUnsent = waiting > 0
        return bytes + waiting
    }

    private var channelBytes: Int {
        guard let channel, !isTornDown else { return 0 }
        return (try? channel.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    // MARK: Sending

    /// Sends one message. Ignored once a close has begun.
    ///
    /// Frames are written together: after the read that is being handled, else at the end of the loop's turn. A
    /// connection whose client does not read is closed with 1013, see `WebSocketOptions.maxUnsent`.
    /// - Parameter bytes: Copied during the call. Text must be UTF-8.
    @inline(__always)
    public func send(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        guard isOpen else { return }
        if let deflater, bytes.count >= deflater.threshold { return send(bytes, kind, compressedBy: deflater) }
        append(kind.rawValue, bytes)
    }

    /// Sends a frame that is shared with other connections.
    func send(encoded frame: ByteBuffer) {
        if frame.readableBytes >= Self.sharedBytesMin, !outgoing.isEmpty { flush() }
        outgoing.append(shared: frame, &context.buffers)
        noteUnflushed()
        if outgoing.count > Self.batchBytesMax { flush() }
    }

    @inline(__always)
    func append(_ opcode: UInt8, _ bytes: UnsafeRawBufferPointer) {
        outgoing.append(&context.buffers) { FrameEncoder.append(opcode, bytes, to: &$0) }
        noteUnflushed()
        if outgoing.count > Self.batchBytesMax { flush() }
    }

    private func appendClose(_ code: UInt16, _ reason: String) {
        outgoing.append(&context.buffers) { FrameEncoder.appendClose(code, reason, to: &$0) }
    }

    @inline(__always)
    private func noteUnflushed() {
        if !isReading, !isFlushScheduled {
            isFlushScheduled = true
            context.flushLater(self)
        }
    }

    func flushScheduled() {
        isFlushScheduled = false
        flush()
    }

    /// Writes everything.
    private func flush() {
        guard let channel, !isTornDown else { return }
        mayBeUnsent = true
        context.buffered.noteTraffic()
        if needsFlush {
            needsFlush = false
            channel.flush()
        }
        guard !outgoing.isEmpty, admitsMore(outgoing.count) else { return }
        let (frames, isPooled) = outgoing.take()
        if let rest = writer.put(frames) { channel.writeAndFlush(NIOAny(rest), promise: nil) }
        if isPooled { context.buffers.recycle(frames) }
    }

    /// Whether `bytes` more may wait behind what is unsent. If not the connection begins to close, behind what waits.
    @inline(__always)
    private func admitsMore(_ bytes: Int) -> Bool {
        // The channel says when more than 64 KiB wait (its default mark), so the count is rarely needed.
        if maxUnsent >= 64 * 1024, !isBackedUp { return true }
        return admitsMoreBehindBacklog(bytes)
    }

    private func admitsMoreBehindBacklog(_ bytes: Int) -> Bool {
        let waiting = channelBytes
        if waiting == 0 || waiting + bytes <= maxUnsent || !machine.isOpen { return true }
        _ = outgoing.take()
        close(code: CloseCode.tryAgainLater, reason: "too slow")
        return false
    }

    // MARK: Closing

    /// Begins the closing handshake; ignored if one has begun. If the client does not answer within
    /// `TransportLimits.closeTimeout` the connection is cut.
    /// - Parameters:
    ///   - code: 1000…1003, 1007…1014 or 3000…4999; 1005 closes without a code; anything else is sent as 1000.
    ///   - reason: At most 123 bytes of UTF-8, the rest is cut off.
    public func close(code: UInt16 = 1000, reason: String = "") {
        let code = CloseCode.isSendable(code) || code == CloseCode.none ? code : CloseCode.normal
        guard !isTornDown else { return }
        if machine.answerClose() { return finishClose(code, reason) }
        guard machine.beginClose() else { return }
        closeCode = code
        closeReason = String(CloseCode.fitted(reason))
        appendClose(code, closeReason)
        noteUnflushed()
        context.wheel.set(self, after: TimerWheel.ticks(context.limits.closeTimeout))
        // The answer must be read even if the endpoint had paused.
        resumeReading()
    }

    /// Answers the client's close frame, see ``WebSocketEndpoint/closing(_:)``; ignored if none waits for an answer.
    public func answerClose() {
        guard !isTornDown, machine.answerClose() else { return }
        finishClose(closeCode, "")
    }

    /// The last frame behind everything that was sent, then the end.
    private func finishClose(_ code: UInt16, _ reason: String) {
        appendClose(code, String(CloseCode.fitted(reason)))
        finish(half: false)
    }

    /// Cuts the connection without a handshake.
    func abort() {
        machine.end()
        channel?.close(promise: nil)
    }

    /// After the last frame has been written: close both ways, or only ours and wait for the client to see it.
    private func finish(half: Bool) {
        guard let channel, !isTornDown else { return }
        context.wheel.set(self, after: TimerWheel.ticks(context.limits.closeTimeout))
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(channel, eventLoop: channel.eventLoop)
        promise.futureResult.whenComplete { _ in
            // Closing outright while the client is still sending would reset the connection and could lose our frame.
            if half { bound.value.close(mode: .output, promise: nil) } else { bound.value.close(promise: nil) }
        }
        needsFlush = false
        writer.noteQueued()
        channel.writeAndFlush(NIOAny(outgoing.take().bytes), promise: promise)
    }

    // MARK: Reading

    /// Stops reading from the socket. What was read already is kept and not delivered before `resumeReading`.
    public func pauseReading() { if isOpen { isPaused = true } }

    /// Reads on; kept messages are delivered in a turn of their own.
    public func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        guard !isTornDown else { return }
        if held != nil {
            context.eventLoop.assumeIsolatedUnsafeUnchecked().execute { self.deliverHeld() }
        } else if isReadHeld {
            isReadHeld = false
            channel?.read()
        }
    }

    private func deliverHeld() {
        guard !isPaused, !isTornDown, let buffer = held else { return }
        held = nil
        received(buffer, isOwn: true)
        readComplete()
        if !isPaused, isReadHeld {
            isReadHeld = false
            channel?.read()
        }
    }

    /// The channel asks to read; held back while the endpoint pauses.
    func mayRead() -> Bool {
        if isPaused || held != nil {
            isReadHeld = true
            return false
        }
        return true
    }

    func writabilityChanged(_ isWritable: Bool) { isBackedUp = !isWritable }

    /// - Parameter isOwn: The buffer's memory is the connection's own, so the rest need not be copied out of it.
    func received(_ buffer: ByteBuffer, isOwn: Bool = false) {
        if held != nil {
            var buffer = buffer
            held!.writeBuffer(&buffer)
            return
        }
        isReading = true
        liveness.lastHeard = context.wheel.now
        context.buffered.noteTraffic()
        let used = buffer.withUnsafeReadableBytes { decode($0) }
        if used < buffer.readableBytes {
            let rest = buffer.getSlice(at: buffer.readerIndex + used, length: buffer.readableBytes - used)
            if let rest { held = isOwn ? rest : ByteBuffer(copyingBytesOf: rest) }
        }
    }

    /// Decodes until the input ends or the endpoint pauses. Returns the bytes used.
    private func decode(_ bytes: UnsafeRawBufferPointer) -> Int {
        var input = FrameInput(bytes)
        let scratch = context.scratch
        while !isPaused {
            switch machine.next(&input, scratch: scratch) {
            case .needMore: return input.offset
            case .message(let kind, let payload):
                liveness.lastMessage = context.wheel.now
                endpoint.received(self, payload, kind)
            case .ping(let payload):
                if pingsKeepAlive { liveness.lastMessage = context.wheel.now }
                append(Opcode.pong, payload)
            case .peerClosed(let code, let reason): peerClosed(code, reason)
            case .closeAnswered: finish(half: false)
            case .failed(let code, let reason): failed(code, reason)
            }
            if isTornDown { return bytes.count }
        }
        return input.offset
    }

    /// The client has said its last. Whoever has something to answer before the close frame has `closeTimeout` for it.
    private func peerClosed(_ code: UInt16, _ reason: String) {
        closeCode = code
        closeReason = reason
        context.wheel.set(self, after: TimerWheel.ticks(context.limits.closeTimeout))
        endpoint.closing(self)
    }

    private func failed(_ code: UInt16, _ reason: String) {
        if closeCode == CloseCode.lost {
            closeCode = code
            closeReason = reason
            appendClose(code, reason)
        }
        finish(half: true)
    }

    func readComplete() {
        guard isReading else { return }
        if machine.isOpen { endpoint.readComplete(self) }
        isReading = false
        guard !outgoing.isEmpty || needsFlush else { return }
        noteUnflushed()
        context.flushGroupIfFull()
    }

    // MARK: Life

    func opened(_ channel: ChannelHandlerContext) {
        self.channel = channel
        context.add(self)
        if let due = liveness.firstCheck { context.wheel.set(self, due: due &+ 1) }
        // Replies of `opened` go out with the answer to the handshake.
        isReading = true
        needsFlush = true
        endpoint.opened(self)
        isReading = false
        flush()
    }

    /// The channel is closed; the connection can no longer join rooms.
    var isGone: Bool { isTornDown }

    /// The channel is closed, for whatever reason.
    func inactive() {
        guard !isTornDown else { return }
        isTornDown = true
        machine.end()
        context.wheel.cancel(self)
        held = nil
        channel = nil
        writer.detach()
        let (frames, isPooled) = outgoing.take()
        if isPooled { context.buffers.recycle(frames) }
        context.shared.connections.subtract(1, ordering: .relaxed)
        if !memberships.isEmpty { context.leaveRooms(self) }
        context.eventLoop.assumeIsolatedUnsafeUnchecked().execute {
            self.endpoint.closed(self, code: self.closeCode, reason: self.closeReason)
            self.attachment = nil
            self.context.remove(self)
        }
    }
}
