public import NIOCore

/// A WebSocket connection to a server (RFC 6455). Used on its event loop only.
///
///     let url = try WebSocketURL("wss://example.org/news")
///     let client = WebSocketClient.open(url, on: loop, delegate: reader)
///
/// Nothing done to a client calls its delegate back at once, so that calls are safe in the middle of whatever the caller
/// is doing.
public final class WebSocketClient {
    enum Phase {
        /// Not connected, or the handshake is under way.
        case opening
        case open
        /// The server's close frame came; ours is due, and messages may go out before it.
        case answering
        /// Our close frame went out; the server's is due. What it sent before that is still delivered.
        case closing
        /// No more frames in either direction; the connection has yet to end.
        case ending
        /// The delegate was told, or will be in the next turn.
        case ended
    }

    public let url: WebSocketURL
    public let eventLoop: any EventLoop
    /// The subprotocol the server chose; nil before `opened`.
    public private(set) var subprotocol: String?

    private(set) var options: WebSocketClientOptions
    /// Held until it was told of the end.
    private var delegate: (any WebSocketClientDelegate)?
    /// From being told of the end until it is told that nothing is under way.
    private var released: (any WebSocketClientDelegate)?
    /// Others work for this client: certificates are read, a name is looked up, a connection is made.
    var isConnecting = false { didSet { if !isConnecting { release() } } }
    private(set) var phase = Phase.opening
    private var writer: ClientWriter?  // while the channel is connected
    private var handshake: ClientHandshake
    private let key: String
    /// Told of frames only, never that this side closes: it would drop what comes before the server's close frame.
    private var machine: WebSocketMachine
    private let scratch = ByteStore(capacity: 16)
    private var liveness: ClientLiveness?
    /// Of the phase: until open, of liveness while open, of the closing handshake after that.
    private var deadline: Scheduled<Void>?
    private var lastError: (any Error)?

    private var end = WebSocketClientEnd(code: CloseCode.lost, reason: "", cause: .lost)
    private var isDisconnected = false
    private var isPaused = false
    private var isReadHeld = false
    /// What was read and not decoded because the consumer paused: one read, or at the connection's end what the
    /// system had received.
    private var held: ByteBuffer?
    private var isDecoding = false

    init(_ url: WebSocketURL, options: WebSocketClientOptions, on loop: any EventLoop, delegate: any WebSocketClientDelegate) {
        self.url = url
        self.options = options
        self.delegate = delegate
        eventLoop = loop
        key = ClientHandshake.makeKey()
        handshake = ClientHandshake(
            key: key, subprotocols: options.subprotocols, compression: options.compression.map { CompressionRequest($0) },
            headBytesMax: options.headBytesMax)
        machine = WebSocketMachine(role: .client, maxMessage: options.maxMessage)
    }

    // MARK: Opening

    /// Starts the time that opening may take.
    func startTimeout() {
        schedule(options.connectTimeout) { client in
            client.fail(WebSocketClientError(.timeout, "not open within \(client.options.connectTimeout.nanoseconds / 1_000_000) ms"))
        }
    }

    /// The channel is connected: sends the request.
    func connected(_ channel: ChannelHandlerContext) {
        guard phase == .opening else { return channel.close(promise: nil) }
        writer = ClientWriter(channel, maxUnsent: options.maxUnsent)
        var request = channel.channel.allocator.buffer(capacity: 512)
        do throws(WebSocketClientError) {
            try ClientHandshake.appendRequest(url, key: key, options: options, to: &request)
        } catch {
            return fail(error)
        }
        channel.writeAndFlush(NIOAny(request), promise: nil)
    }

    /// The reason behind an end that is about to come.
    func noteError(_ error: any Error) { lastError = lastError ?? error }

    /// The WebSocket will not open.
    func fail(_ error: WebSocketClientError) {
        guard phase == .opening else { return }
        phase = .ended
        deadline?.cancel()
        cut()
        tell { $0.failed($1, error) }
    }

    private func becomeOpen(_ subprotocol: String?, _ agreement: CompressionAgreement?) {
        phase = .open
        self.subprotocol = subprotocol
        if let agreement {
            let contexts = CompressionContexts()
            writer?.deflater = MessageDeflater(agreement, contexts)
            let inflater = MessageInflater(agreement, maxMessage: options.maxMessage, contexts)
            machine = WebSocketMachine(role: .client, maxMessage: options.maxMessage, inflater: inflater)
        }
        startLiveness()
        delegate?.opened(self)
    }

    /// Messages may be compressed, in both directions: the server agreed to it.
    public var isCompressed: Bool { writer?.deflater != nil }

    /// The server's address without its port; empty unless connected.
    public var remote: String { writer?.channel.remoteAddress.map(RemoteAddress.text) ?? "" }

    // MARK: Liveness

    /// Other times than the options said, from now on.
    public func setPings(every interval: TimeAmount?, timeout: TimeAmount) {
        guard interval != options.pingInterval || timeout != options.pongTimeout else { return }
        options.pingInterval = interval
        options.pongTimeout = timeout
        if phase == .open { startLiveness() }
    }

    private func startLiveness() {
        deadline?.cancel()
        liveness = nil
        guard let interval = options.pingInterval else { return }
        var liveness = ClientLiveness(interval: interval, timeout: options.pongTimeout, now: eventLoop.now)
        if isPaused { liveness.paused() }
        self.liveness = liveness
        schedule(at: liveness.firstCheck) { $0.checkLiveness() }
    }

    private func checkLiveness() {
        guard phase == .open, let action = liveness?.check(now: eventLoop.now) else { return }
        switch action {
        case .wait(let next): schedule(at: next) { $0.checkLiveness() }
        case .ping(let next):
            writer?.control(Opcode.ping, UnsafeRawBufferPointer(start: nil, count: 0))
            schedule(at: next) { $0.checkLiveness() }
        case .lost:
            end = WebSocketClientEnd(code: CloseCode.lost, reason: "", cause: .silent)
            cut()
        }
    }

    // MARK: Sending

    /// Messages can be sent: open, and no close frame of this side has gone out.
    public var isOpen: Bool { (phase == .open || phase == .answering) && writer != nil }

    /// Bytes that were sent and that the operating system has not taken yet.
    public var unsentBytes: Int { writer?.unsentBytes ?? 0 }

    /// Sends one message.
    /// - Parameters:
    ///   - bytes: Copied during the call. Text must be UTF-8.
    ///   - isAdmitted: The caller has looked at `unsentBytes` and found it right; nothing is refused.
    /// - Throws: `not_open`; `backlog`, then nothing was sent and the connection goes on.
    public func send(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind, isAdmitted: Bool = false) throws(WebSocketClientError) {
        try send(bytes, kind, isAdmitted: isAdmitted, promise: nil)
    }

    /// Sends a text message.
    public func send(_ text: String) throws(WebSocketClientError) {
        var text = text  // `withUTF8` does not hand typed errors on.
        let result = text.withUTF8 { utf8 in
            Result { () throws(WebSocketClientError) in try send(UnsafeRawBufferPointer(utf8), .text, promise: nil) }
        }
        try result.get()
    }

    /// - Parameter promise: Succeeds when the system has the message; not used if this throws.
    func send(
        _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind, isAdmitted: Bool = false, promise: EventLoopPromise<Void>?
    ) throws(WebSocketClientError) {
        guard isOpen, let writer else { throw WebSocketClientError(.notOpen, "the connection is not open") }
        guard isAdmitted || writer.admits(bytes.count) else {
            throw WebSocketClientError(.backlog, "more than \(options.maxUnsent) bytes wait to be sent")
        }
        writer.message(bytes, kind, promise: promise)
    }

    // MARK: Closing

    /// Begins the closing handshake; ignored if one has begun. Messages that were on their way are still delivered. If
    /// the server does not answer within `WebSocketClientOptions.closeTimeout` the connection is cut. A client that is
    /// not open yet gives up (`failed` with `cancelled`).
    /// - Parameters:
    ///   - code: 1000…1003, 1007…1014 or 3000…4999; 1005 closes without a code; anything else is sent as 1000.
    ///   - reason: At most 123 bytes of UTF-8, the rest is cut off.
    public func close(code: UInt16 = 1000, reason: String = "") {
        if phase == .opening { return fail(WebSocketClientError(.cancelled, "closed before it was open")) }
        guard isOpen else { return }
        let code = CloseCode.isSendable(code) || code == CloseCode.none ? code : CloseCode.normal
        if phase == .answering { return answerClose(code, reason) }
        phase = .closing
        end = WebSocketClientEnd(code: code, reason: String(CloseCode.fitted(reason)), cause: .local)
        writer?.close(code, end.reason)
        scheduleCut()
    }

    /// Answers the server's close frame, see ``WebSocketClientDelegate/closing(_:)``; ignored if none waits for an answer.
    public func answerClose() { answerClose(end.code, "") }

    private func answerClose(_ code: UInt16, _ reason: String) {
        guard phase == .answering else { return }
        phase = .ending
        end.wasClean = true
        writer?.close(code, reason)
        scheduleCut()
    }

    private func scheduleCut() { schedule(options.closeTimeout) { $0.cut() } }

    /// Ends the connection without further words.
    private func cut() { writer?.channel.close(promise: nil) }

    /// The server's close frame: to be answered, unless it is the answer. Then the server ends the connection (section 7.1.1).
    private func peerClosed(_ code: UInt16, _ reason: String) {
        switch phase {
        case .open:
            end = WebSocketClientEnd(code: code, reason: reason, cause: .remote)
            phase = .answering
            schedule(options.closeTimeout) { $0.answerClose() }
            delegate?.closing(self)
        case .closing:
            end.wasClean = true
            phase = .ending
        default: return
        }
    }

    private func violated(_ code: UInt16, _ reason: String) {
        if phase == .open {
            end = WebSocketClientEnd(code: code, reason: reason, cause: .violation)
            // Closing outright while the server is still sending would reset the connection and could lose our frame.
            writer?.close(code, reason) { $0.close(mode: .output, promise: nil) }
            scheduleCut()
        } else {
            cut()
        }
        phase = .ending
    }

    // MARK: Reading

    /// Stops reading from the socket. What was read already is kept and not delivered before `resumeReading`; nor is the
    /// end, if messages are kept. The server is not given up for its silence meanwhile.
    public func pauseReading() {
        guard phase != .ended else { return }
        isPaused = true
        liveness?.paused()
    }

    /// Reads on; kept messages are delivered in a turn of their own.
    public func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        liveness?.resumed(now: eventLoop.now)
        checkLiveness()
        if held != nil {
            eventLoop.assumeIsolated().execute { self.deliverHeld() }
        } else {
            readOn()
        }
    }

    private func readOn() {
        guard isReadHeld else { return }
        isReadHeld = false
        writer?.channel.read()
    }

    private func deliverHeld() {
        guard !isPaused, let buffer = held else { return }
        held = nil
        take(buffer)
        delegate?.readComplete(self)
        guard !isPaused, held == nil else { return }
        if isDisconnected { reportEnd() } else { readOn() }
    }

    /// Held back while the consumer pauses.
    func mayRead() -> Bool {
        if phase == .opening || (!isPaused && held == nil) { return true }
        isReadHeld = true
        return false
    }

    /// What the socket brought.
    func received(_ buffer: ByteBuffer) {
        liveness?.heard()
        var buffer = buffer
        if phase == .opening {
            do throws(WebSocketClientError) {
                guard case .accepted(let subprotocol, let agreement) = try handshake.receive(&buffer) else { return }
                becomeOpen(subprotocol, agreement)
            } catch {
                return fail(error)
            }
        }
        if held != nil {
            held!.writeBuffer(&buffer)
        } else {
            take(buffer)
            if held == nil { delegate?.readComplete(self) }
        }
    }

    /// Decodes what is there; what is left because the consumer paused is kept.
    private func take(_ buffer: ByteBuffer) {
        guard phase != .ended, buffer.readableBytes > 0 else { return }
        isDecoding = true
        let used = buffer.withUnsafeReadableBytes { decode($0) }
        isDecoding = false
        if used < buffer.readableBytes {
            held = buffer.getSlice(at: buffer.readerIndex + used, length: buffer.readableBytes - used)
        } else if isDisconnected {
            reportEnd()
        }
    }

    /// Decodes until the input ends or the consumer pauses. Returns the bytes used.
    private func decode(_ bytes: UnsafeRawBufferPointer) -> Int {
        var input = FrameInput(bytes)
        while !isPaused {
            switch machine.next(&input, scratch: scratch) {
            case .needMore: return input.offset
            case .message(let kind, let payload): delegate?.received(self, payload, kind)
            case .ping(let payload): if phase == .open { writer?.control(Opcode.pong, payload) }
            case .peerClosed(let code, let reason), .closeAnswered(let code, let reason): peerClosed(code, reason)
            case .failed(let code, let reason): violated(code, reason)
            }
        }
        return input.offset
    }

    // MARK: The end

    /// The channel is closed, for whatever reason.
    func inactive() {
        guard !isDisconnected else { return }
        isDisconnected = true
        writer?.isOver = true
        writer = nil
        if phase == .opening { return fail(lostError) }
        deadline?.cancel()
        // Messages that were read go first, whenever the consumer wants them.
        if held == nil, !isDecoding { reportEnd() }
    }

    private var lostError: WebSocketClientError {
        guard let lastError else { return WebSocketClientError(.lost, "the server ended the connection before the handshake was done") }
        return Self.describe(lastError, isSecure: url.isSecure)
    }

    private func reportEnd() {
        guard phase != .ended else { return }
        phase = .ended
        let end = self.end
        tell { $0.closed($1, end) }
    }

    /// The last call to the delegate.
    private func tell(_ call: @escaping (any WebSocketClientDelegate, WebSocketClient) -> Void) {
        guard let delegate else { return }
        self.delegate = nil
        held = nil
        eventLoop.assumeIsolated().execute {
            call(delegate, self)
            self.released = delegate
            if !self.isConnecting { self.release() }
        }
    }

    private func release() {
        guard let delegate = released else { return }
        released = nil
        delegate.released(self)
    }

    private func schedule(_ delay: TimeAmount, _ body: @escaping (WebSocketClient) -> Void) { schedule(at: eventLoop.now + delay, body) }

    private func schedule(at time: NIODeadline, _ body: @escaping (WebSocketClient) -> Void) {
        deadline?.cancel()
        deadline = eventLoop.assumeIsolated().scheduleTask(deadline: time) { body(self) }
    }
}
