import NIOCore
import NIOHTTP1
import Synchronization

/// One connection while it speaks HTTP/1.1: has requests decoded in place and answered in order, guards the time limits, and hands
/// over to a `Connection` when a WebSocket is opened.
///
///     read ──▸ RequestIntake ──▸ HTTPResponder ──▸ HTTPReply ──▸ AnswerOutput ──▸ socket
///               │ decodes, routes
///               └▸ HeldInput: what came behind a request that is not answered yet, undecoded; nothing more is read meanwhile
///
/// One request at a time is decoded: the next one when the one before is answered and the client takes its answers.
final class HTTPConnection {
    let loop: LoopContext
    private let listener: String
    private var channel: ChannelHandlerContext?
    /// No TLS: what is written goes to the socket as it is.
    private let isPlain: Bool
    private let output: AnswerOutput
    private var intake: RequestIntake
    private var phase = HTTPPhase.idle

    private var serial: UInt64 = 0
    private weak var reply: HTTPReply?
    private var stream: StreamedBody?

    private var isProcessing = false
    private var isReading = false
    /// The channel told that it takes more; kept here because it is asked for every request.
    private var isWritable = true
    private var isReadHeld = false
    private var isHeadStarted = true

    private var remoteText: String?
    private var notes: AccessNotes
    var timer = TimerNote()

    // The half-open list's own links.
    var isHalfOpen = false
    var halfOpenNext: HTTPConnection?
    // Unsafe because the list clears it before the neighbor goes; a checked reference would cost a count per link.
    unowned(unsafe) var halfOpenPrevious: HTTPConnection?

    /// - Parameter isPlain: Nothing stands between it and the socket.
    init(loop: LoopContext, listener: String, hosts: HostPolicy, isPlain: Bool) {
        self.loop = loop
        self.listener = listener
        self.isPlain = isPlain
        output = AnswerOutput(loop)
        intake = RequestIntake(loop.limits, loop.routes(of: listener), hosts)
        notes = AccessNotes(loop.shared)
    }

    // MARK: Channel

    func opened(_ channel: ChannelHandlerContext) {
        self.channel = channel
        output.attach(channel, isPlain: isPlain)
        loop.add(self)
        setDeadline(loop.limits.headerTimeout)
        loop.halfOpen.append(self)?.abort()
    }

    /// The channel is closed, or a WebSocket has it.
    func gone() {
        guard phase != .closed else { return }
        if phase != .upgraded { loop.shared.connections.subtract(1, ordering: .relaxed) }
        phase = .closed
        channel = nil
        loop.wheel.cancel(self)
        intake.end()
        output.detach()
        stream?.end()
        stream = nil
        let reply = self.reply
        self.reply = nil
        loop.remove(self)
        // In a turn of its own, like everything a responder is told.
        if let reply { loop.eventLoop.assumeIsolatedUnsafeUnchecked().execute { reply.cancel() } }
    }

    func received(_ buffer: ByteBuffer) {
        isReading = true
        loop.buffered.noteTraffic()
        if intake.held.isEmpty, !isProcessing { return take(buffer, isOwn: false) }
        hold(buffer, isOwn: false)
        takeHeld()
    }

    func readComplete() {
        isReading = false
        output.flush()
    }

    /// The channel asks to read; held back while a request is answered or the client does not take its answers.
    func mayRead() -> Bool {
        isReadHeld = phase.isAnswering || phase.takesInput && !isWritable
        return !isReadHeld
    }

    func writabilityChanged(_ isWritable: Bool) {
        self.isWritable = isWritable
        if isWritable { proceed() }
    }

    /// The socket or TLS failed: nobody is left to be told, but answers that are due may still go out.
    func failed() {
        if phase.takesInput { abort() } else { intake.endAfterCurrent() }
    }

    // MARK: Requests

    /// Decodes and handles `buffer` as far as that goes, and holds the rest. Nothing is held before.
    /// - Parameter isOwn: The memory is the connection's alone.
    private func take(_ buffer: ByteBuffer, isOwn: Bool) {
        isProcessing = true
        let used = buffer.withUnsafeReadableBytes { handle($0) }
        isProcessing = false
        guard used < buffer.readableBytes || phase == .upgraded else { return }
        var rest = buffer
        rest.moveReaderIndex(forwardBy: used)
        if phase == .upgraded { return handOver(rest) }
        hold(rest, isOwn: isOwn)
        guard phase == .idle, !intake.held.isBehind, !isHeadStarted else { return }
        // From here on the head must be complete in time.
        isHeadStarted = true
        setDeadline(loop.limits.headerTimeout)
    }

    /// Returns how much was used.
    private func handle(_ bytes: UnsafeRawBufferPointer) -> Int {
        var input = RequestInput(bytes)
        while isWritable, phase.takesInput {
            switch intake.next(&input, &loop.fieldMemory, isDraining: loop.isDraining) {
            case .needMore: return input.offset
            case .head(hasBody: false):
                began()
                respond()
            case .head(hasBody: true):
                began()
                phase = .receiving
                setDeadline(loop.limits.bodyTimeout)
                if intake.decoder.head.expectsContinue { output.appendContinue() }
            case .complete: respond()
            case .refused(let refusal, let headers, let goesOn):
                if phase == .idle { began() }
                guard goesOn else {
                    refuse(refusal, headers: headers)
                    break
                }
                write(HTTPAnswer(refusal, headers: headers))
                answered()
            }
        }
        intake.pause()
        return input.offset
    }

    private func began() {
        isHeadStarted = false
        notes.begin()
        if isHalfOpen { loop.halfOpen.remove(self) }
    }

    private func hold(_ bytes: ByteBuffer, isOwn: Bool) {
        if !phase.isOver { intake.held.add(bytes, isOwn: isOwn) }
    }

    private func takeHeld() {
        guard !isProcessing, phase.takesInput, isWritable, let buffer = intake.held.take() else { return }
        take(buffer, isOwn: true)
    }

    /// Takes up what is held, as far as it goes, then reading.
    private func proceed() {
        guard !isProcessing else { return }
        takeHeld()
        if !isReading { output.flush() }
        guard isReadHeld, isWritable, phase.takesInput || phase == .ending else { return }
        isReadHeld = false
        channel?.read()
    }

    /// The request is complete.
    private func respond() {
        switch intake.target {
        case .none: break
        case .upgrade(let endpoint, let options, let accepted): upgrade(endpoint, options, accepted)
        case .responder(let responder):
            phase = .answering
            serial &+= 1
            let reply = HTTPReply(self, serial: serial, eventLoop: loop.eventLoop)
            responder.respond(
                HTTPRequest(
                    listener: listener, method: intake.decoder.head.method, path: intake.decoder.head.path,
                    query: intake.decoder.head.query, parameters: intake.parameters, fields: intake.decoder.head.fields,
                    body: intake.takeBody() ?? ByteBuffer(), remote: remote),
                reply)
            if !reply.isSent { self.reply = reply }
        }
    }

    private var remote: String {
        if let remoteText { return remoteText }
        let text = channel?.remoteAddress.map(RemoteAddress.text) ?? "unix"
        remoteText = text
        return text
    }

    // MARK: Upgrade

    private func upgrade(_ endpoint: any WebSocketEndpoint, _ options: WebSocketOptions, _ accepted: Handshake.Accepted) {
        guard let channel, let id = loop.reserveID() else {
            return refuse(.init(status: 503, code: "busy", message: "Too many connections."))
        }
        output.write(accepted)
        let connection = Connection(
            id: id, context: loop, endpoint: endpoint, options: options, compression: accepted.compression,
            request: UpgradeRequest(
                listener: listener, path: intake.decoder.head.path, query: intake.decoder.head.query, parameters: intake.parameters,
                fields: intake.decoder.head.fields, subprotocol: accepted.subprotocol),
            writer: output.writer)
        phase = .upgraded
        noteAccess(101, bytes: 0)
        loop.wheel.cancel(self)
        do { try WebSocketHandler.add(connection, behind: channel) } catch {
            // Only a channel that is closing refuses.
            phase = .ending
            abort()
        }
    }

    /// The WebSocket has its handler, and nobody needs this one any more.
    /// - Parameter rest: What was read behind the handshake: the first frames.
    private func handOver(_ rest: ByteBuffer) {
        guard let channel else { return }
        if rest.readableBytes > 0 {
            channel.fireChannelRead(NIOAny(rest))
            channel.fireChannelReadComplete()
        }
        if isReadHeld { channel.channel.read() }
        channel.pipeline.syncOperations.removeHandler(context: channel, promise: nil)
    }

    // MARK: Answers

    /// An answer from the responder; ignored unless it is the one that is due.
    func answer(_ serial: UInt64, _ answer: HTTPAnswer, _ length: Int? = nil, _ stream: (any BodyStream)? = nil) {
        guard serial == self.serial, phase == .answering else {
            stream?.end()
            return
        }
        write(answer, length: length)
        if let stream, let length, !intake.isForHead, length > 0, phase == .answering {
            phase = .streaming
            self.stream = StreamedBody(stream, length: length)
            output.flush()
            return sendNextPiece()
        }
        stream?.end()
        answered()
    }

    /// The responder let go of the request without an answer.
    func dropped(_ serial: UInt64) {
        answer(serial, .error(status: 500, code: "no_answer", message: "The request was not answered."))
    }

    /// - Parameter promised: Bytes of a body that follows; nil: that of the answer.
    private func write(_ answer: HTTPAnswer, length promised: Int? = nil) {
        guard let cors = intake.cors else { return append(answer, promised) }
        var answer = answer
        cors.policy.add(to: &answer.headers, origin: cors.origin)
        append(answer, promised)
    }

    private func append(_ answer: HTTPAnswer, _ promised: Int?) {
        let persistence = loop.isDraining ? .close : intake.persistence
        if let bytes = output.append(answer, promised: promised, persistence, isForHead: intake.isForHead) {
            return noteAccess(answer.status, bytes: bytes)
        }
        intake.endAfterCurrent()
        append(.unsendable, nil)
    }

    private func noteAccess(_ status: Int, bytes: Int) {
        if notes.isOff { return }
        let isKnown = intake.hasCurrent
        notes.answered(
            status, bytes: bytes, method: isKnown ? intake.decoder.head.method.rawValue : "-", path: isKnown ? intake.decoder.head.path : "-",
            listener: listener, remote: remote)
    }

    /// The answer is written; on to the next request, or the end.
    private func answered() {
        let goesOn = intake.persistence != .close && !loop.isDraining
        intake.answered()
        stream = nil
        guard goesOn else { return finish(half: intake.moreFollows) }
        phase = .idle
        if !loop.wheel.postpone(&timer, after: loop.keepAliveTicks) { loop.wheel.set(self, after: loop.keepAliveTicks) }
        proceed()
    }

    private func sendNextPiece() {
        guard phase == .streaming, let stream else { return }
        setDeadline(loop.limits.sendTimeout)
        stream.sendPiece(to: output) { step in
            switch step {
            case .more: self.sendNextPiece()
            case .done:
                stream.end()
                self.answered()
            case .failed: self.abort()
            case .lost: break
            }
        }
    }

    // MARK: Ends

    /// Answers with an error and ends the connection.
    private func refuse(_ refusal: RequestRefusal, headers: HTTPHeaders = [:]) {
        intake.endAfterCurrent()
        write(HTTPAnswer(refusal, headers: headers))
        finish(half: true)
    }

    /// Writes what there is and ends the connection: both ways if the client has nothing more to say, else our way, so that
    /// its data does not reset the connection before it has read the answer.
    private func finish(half: Bool) {
        guard let channel, phase != .closed else { return }
        phase = .ending
        intake.end()
        setDeadline(loop.limits.sendTimeout)
        output.write { _ in
            channel.close(mode: half ? .output : .all, promise: nil)
            if self.phase == .ending { self.setDeadline(self.loop.limits.closeTimeout) }
        }
        if isReadHeld {
            isReadHeld = false
            channel.read()
        }
    }

    /// The server is stopping: idle connections end now, others with their answer.
    func drain() {
        switch phase {
        // What its client has not taken yet goes out first.
        case .idle where !intake.held.isBehind: if output.unsentBytes > 0 { finish(half: true) } else { abort() }
        case .idle, .receiving, .answering, .streaming: intake.endAfterCurrent()
        case .ending, .upgraded, .closed: break
        }
    }

    /// What `BufferBound` counts: unsent bytes, the body that is coming in, and what was sent ahead.
    var heldBytes: Int { phase == .upgraded || phase == .closed ? 0 : output.unsentBytes + intake.heldBytes }

    func abort() { channel?.close(promise: nil) }

    private func setDeadline(_ time: TimeAmount) { loop.wheel.set(self, after: TimerWheel.ticks(time)) }
}

extension HTTPConnection: TimerEntry {
    func timerFired(now: UInt32) {
        switch phase {
        case .answering, .upgraded, .closed: break
        // It waits for the client to read.
        case .idle where !isWritable, .receiving where !isWritable: abortUnlessSending()
        case .idle where isHeadStarted && !isHalfOpen, .receiving:
            refuse(.init(status: 408, code: "timeout", message: "The request took too long."))
        case .idle, .ending: abortUnlessSending()
        case .streaming: abort()
        }
    }

    /// A long answer to a slow client may take its time as long as it moves.
    private func abortUnlessSending() {
        guard output.isMoving() else { return abort() }
        setDeadline(loop.limits.sendTimeout)
    }
}
