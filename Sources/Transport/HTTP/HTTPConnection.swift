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

    /// The request being received or answered.
    struct Current {
        var head: HTTPRequestHead
        var summary: HeadSummary
        var responder: (any HTTPResponder)?
        var upgrade: (endpoint: any WebSocketEndpoint, options: WebSocketOptions, accepted: Handshake.Accepted)?
        var options: HTTPOptions
        var parameters: RouteParameters
        var body: ByteBuffer?
        var keepAlive: Bool
    }

    let loop: LoopContext
    private let routes: ListenerRoutes
    private let decoder: any RemovableChannelHandler
    private(set) var channel: ChannelHandlerContext?

    var phase = Phase.idle
    var current: Current?
    private var serial: UInt64 = 0
    private weak var reply: HTTPReply?
    private var stream: (any BodyStream)?
    private var streamRemaining = 0
    /// Parts of requests that were sent ahead of an answer.
    private var queue = CircularBuffer<HTTPServerRequestPart>()
    private var queuedRequests = 0
    private var isProcessing = false
    private var isReading = false
    private var isReadHeld = false
    private var sawPart = false
    private var isHeadStarted = true
    private var outgoing = ByteBuffer()
    private var hasOutgoing = false
    private var remoteText: String?
    var timer = TimerNote()

    // The half-open list's own links.
    var isHalfOpen = false
    var halfOpenNext: HTTPConnection?
    unowned(unsafe) var halfOpenPrevious: HTTPConnection?

    /// Answers above this are written before the read they belong to is over.
    static let batchBytesMax = 64 * 1024
    /// A body of this size or more is written as it is; a smaller one is cheaper to copy behind its head.
    static let separateBodyBytesMin = 16 * 1024

    init(loop: LoopContext, listener: String, decoder: any RemovableChannelHandler) {
        self.loop = loop
        self.decoder = decoder
        routes = loop.routes(of: listener)
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        channel = context
        loop.add(self)
        loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.headerTimeout))
        loop.halfOpen.append(self)?.abort()
    }

    func handlerRemoved(context: ChannelHandlerContext) { gone() }

    func channelInactive(context: ChannelHandlerContext) {
        if phase == .upgraded { context.fireChannelInactive() }
        gone()
    }

    private func gone() {
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
        let part = unwrapInboundIn(data)
        if isProcessing || !queue.isEmpty || phase == .answering || phase == .streaming || !isWritable {
            enqueue(part)
        } else {
            isProcessing = true
            handle(part)
            isProcessing = false
        }
    }

    private func enqueue(_ part: HTTPServerRequestPart) {
        guard phase != .ending, phase != .closed else { return }
        if case .head = part {
            queuedRequests += 1
            // Nobody sends so many ahead; the answers due are still given.
            if queuedRequests > loop.limits.pipelinedRequestsMax {
                current?.keepAlive = false
                queue.removeAll()
                return
            }
        }
        queue.append(part)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if phase == .upgraded {
            context.fireChannelReadComplete()
            return
        }
        isReading = false
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
            if queue.isEmpty, context.channel.isWritable { context.read() } else { isReadHeld = true }
        case .ending, .upgraded, .closed: context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if phase == .upgraded { return context.fireChannelWritabilityChanged() }
        if context.channel.isWritable { proceed() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch phase {
        case .upgraded: context.fireErrorCaught(error)
        case .ending, .closed: break
        case .answering, .streaming: current?.keepAlive = false
        case .idle, .receiving:
            guard let refusal = HeadSummary.Refusal(decoderError: error) else {
                context.close(promise: nil)
                return
            }
            refuse(refusal)
        }
    }

    private var isWritable: Bool { channel?.channel.isWritable ?? false }

    /// Takes up what was queued, as far as it goes, then reading.
    private func proceed() {
        guard !isProcessing else { return }
        isProcessing = true
        while phase == .idle || phase == .receiving, isWritable, let part = queue.popFirst() {
            if case .head = part { queuedRequests -= 1 }
            handle(part)
        }
        isProcessing = false
        if hasOutgoing, !isReading { flush() }
        guard isReadHeld, queue.isEmpty, isWritable else { return }
        switch phase {
        case .idle, .receiving, .ending:
            isReadHeld = false
            channel?.read()
        case .answering, .streaming, .upgraded, .closed: break
        }
    }

    private func handle(_ part: HTTPServerRequestPart) {
        switch (phase, part) {
        case (.idle, .head(let head)): begin(head)
        case (.receiving, .body(let bytes)): receive(bytes)
        case (.receiving, .end): received()
        default: break
        }
    }

    // MARK: Requests

    private func begin(_ head: HTTPRequestHead) {
        isHeadStarted = false
        if isHalfOpen { loop.halfOpen.remove(self) }
        do {
            var request = try route(head)
            if request.summary.hasUpgrade || head.method == .CONNECT { request.keepAlive = false }
            current = request
            phase = .receiving
            let hasBody = request.summary.isChunked || request.summary.contentLength ?? 0 > 0
            if hasBody {
                loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.bodyTimeout))
                if request.summary.expectsContinue {
                    startOutgoing()
                    outgoing.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
                    if !isReading { flush() }
                }
            }
        } catch {
            current = Current(
                head: head, summary: error.summary, options: HTTPOptions(), parameters: RouteParameters(),
                keepAlive: head.isKeepAlive && !error.summary.hasUpgrade && !error.isFatal && head.method != .CONNECT)
            // A refused request's body would have to be read to get at the next one; ending is simpler and safe.
            let hasBody = error.summary.isChunked || error.summary.contentLength ?? 0 > 0
            if error.isFatal || hasBody {
                refuse(error.refusal, headers: error.headers)
            } else {
                phase = .receiving
                current?.responder = CannedResponder(error.refusal, headers: error.headers)
            }
        }
    }

    /// A head that gets an answer from the transport itself.
    private struct Unroutable: Error {
        var summary: HeadSummary
        var refusal: HeadSummary.Refusal
        var headers: HTTPHeaders = [:]
        /// The connection must end with the answer.
        var isFatal = false
    }

    private func route(_ head: HTTPRequestHead) throws(Unroutable) -> Current {
        let summary: HeadSummary
        do {
            summary = try HeadSummary(head, limits: loop.limits)
        } catch {
            throw Unroutable(summary: .unknown, refusal: error, isFatal: true)
        }
        func fail(_ status: Int, _ code: String, _ message: String, _ headers: HTTPHeaders = [:]) -> Unroutable {
            Unroutable(summary: summary, refusal: .init(status: status, code: code, message: message), headers: headers)
        }
        let match: RouteTable.Match?
        do { match = try routes.table.match(summary.path) } catch {
            throw fail(400, "bad_request", "The path is not valid percent-encoded UTF-8.")
        }
        guard let match else { throw fail(404, "not_found", "There is nothing at this path.") }
        var current = Current(
            head: head, summary: summary, options: HTTPOptions(), parameters: RouteParameters(),
            keepAlive: head.isKeepAlive && !loop.isDraining)
        if let endpoint = match.targets.webSocket?.endpoint, summary.wantsWebSocket {
            current.parameters = match.parameters("websocket")
            return try routeUpgrade(current, endpoint, fail)
        }
        if let responder = match.targets.responder(head.method) {
            current.responder = responder
            current.options = responder.options
            current.parameters = match.parameters(head.method.rawValue)
        } else if head.method == .OPTIONS {
            let responder = OptionsResponder(match.targets, requested: head)
            current.responder = responder
            current.options = responder.options
        } else if match.targets.methods.isEmpty {
            throw fail(426, "upgrade_required", "This path speaks WebSocket.", ["upgrade": "websocket"])
        } else {
            throw fail(405, "method_not_allowed", "This path does not know the method.", ["allow": match.targets.allowed])
        }
        if summary.contentLength ?? 0 > current.options.maxBody {
            throw fail(413, "body_too_large", "The request body is too large.")
        }
        return current
    }

    private func routeUpgrade(
        _ request: Current, _ endpoint: any WebSocketEndpoint, _ fail: (Int, String, String, HTTPHeaders) -> Unroutable
    ) throws(Unroutable) -> Current {
        var request = request
        let summary = request.summary
        if summary.isChunked || summary.contentLength ?? 0 > 0 {
            throw fail(400, "bad_handshake", "A handshake has no body.", [:])
        }
        if loop.isDraining { throw fail(503, "shutting_down", "The server is about to stop.", [:]) }
        let options = endpoint.options
        do {
            let accepted = try Handshake.check(request.head, origin: summary.origin, options: options)
            request.upgrade = (endpoint, options, accepted)
            return request
        } catch {
            let headers: HTTPHeaders = error.status == 426 ? ["sec-websocket-version": "13"] : [:]
            throw Unroutable(summary: summary, refusal: error, headers: headers)
        }
    }

    private func receive(_ bytes: ByteBuffer) {
        guard let options = current?.options else { return }
        let total = (current?.body?.readableBytes ?? 0) + bytes.readableBytes
        if total > options.maxBody {
            refuse(.init(status: 413, code: "body_too_large", message: "The request body is too large."))
            return
        }
        // Copied, so that a small body does not hold a whole read buffer.
        if current!.body == nil { current!.body = ByteBufferAllocator().buffer(capacity: bytes.readableBytes) }
        current!.body!.writeImmutableBuffer(bytes)
    }

    private func received() {
        guard let request = current else { return }
        if request.upgrade != nil { return upgrade(request) }
        guard let responder = request.responder else { return }
        phase = .answering
        serial &+= 1
        let reply = HTTPReply(self, serial: serial, eventLoop: loop.eventLoop)
        current!.body = nil
        responder.respond(
            HTTPRequest(
                listener: routes.listener, method: request.head.method, path: request.summary.path,
                query: request.summary.query, parameters: request.parameters, headers: request.head.headers,
                body: request.body ?? ByteBuffer(), remote: remote),
            reply)
        if !reply.isSent { self.reply = reply }
    }

    private var remote: String {
        if let remoteText { return remoteText }
        let text = channel?.remoteAddress.map(RemoteAddress.text) ?? "unix"
        remoteText = text
        return text
    }

    // MARK: Answers

    /// An answer from the responder; ignored unless it is the one that is due.
    func answer(_ serial: UInt64, _ answer: HTTPAnswer, _ length: Int? = nil, _ stream: (any BodyStream)? = nil) {
        guard serial == self.serial, phase == .answering, let request = current else {
            stream?.end()
            return
        }
        let isHead = request.head.method == .HEAD
        write(answer, length: length ?? answer.body.readableBytes, isHead: isHead)
        reply = nil
        if let stream, let length, !isHead, length > 0, phase == .answering {
            phase = .streaming
            self.stream = stream
            streamRemaining = length
            flush()
            sendNextPiece()
            return
        }
        stream?.end()
        answered()
    }

    /// The responder let go of the request without an answer.
    func dropped(_ serial: UInt64) {
        answer(serial, .error(status: 500, code: "no_answer", message: "The request was not answered."))
    }

    private func write(_ answer: HTTPAnswer, length: Int, isHead: Bool) {
        var answer = answer
        var length = length
        if !(200...599).contains(answer.status) {
            answer = .error(status: 500, code: "bad_answer", message: "The answer could not be sent.")
            length = answer.body.readableBytes
        }
        if let cors = current?.options.cors, let origin = current?.summary.origin { cors.add(to: &answer.headers, origin: origin) }
        let isBodiless = answer.status == 204 || answer.status == 304
        startOutgoing()
        let date = loop.date.bytes
        let encoded = HTTPResponseEncoder.append(
            status: answer.status, headers: answer.headers, length: isBodiless ? nil : length,
            persistence: persistence, date: date, to: &outgoing)
        if !encoded {
            current?.keepAlive = false
            answer = .error(status: 500, code: "bad_answer", message: "The answer could not be sent.")
            _ = HTTPResponseEncoder.append(
                status: 500, headers: answer.headers, length: answer.body.readableBytes, persistence: persistence,
                date: date, to: &outgoing)
        }
        if isHead || isBodiless { return }
        if answer.body.readableBytes < Self.separateBodyBytesMin {
            outgoing.writeImmutableBuffer(answer.body)
        } else {
            channel?.write(NIOAny(takeOutgoing()), promise: nil)
            channel?.write(NIOAny(answer.body), promise: nil)
            startOutgoing()
        }
        if outgoing.readableBytes > Self.batchBytesMax { flush() }
    }

    private var persistence: HTTPResponseEncoder.Persistence {
        guard let current, current.keepAlive, !loop.isDraining else { return .close }
        return current.head.version.minor == 0 ? .keepAliveTold : .keepAlive
    }

    /// The answer is written; on to the next request, or the end.
    private func answered() {
        let goesOn = current?.keepAlive == true && !loop.isDraining
        current = nil
        stream = nil
        guard goesOn else { return finish(half: false) }
        phase = .idle
        loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.keepAliveTimeout))
        if !isReading { flush() }
        if !isProcessing { proceed() }
    }

    private func sendNextPiece() {
        guard phase == .streaming, let stream else { return }
        loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.sendTimeout))
        stream.next { piece in
            guard self.phase == .streaming, let channel = self.channel else { return }
            guard let piece, piece.readableBytes > 0, piece.readableBytes <= self.streamRemaining else {
                // The length was promised; only cutting the connection tells the client that it is not true.
                return self.abort()
            }
            self.streamRemaining -= piece.readableBytes
            let written = channel.eventLoop.makePromise(of: Void.self)
            written.futureResult.assumeIsolatedUnsafeUnchecked().whenComplete { result in
                guard case .success = result, self.phase == .streaming else { return }
                if self.streamRemaining > 0 { return self.sendNextPiece() }
                self.stream?.end()
                self.answered()
            }
            channel.writeAndFlush(NIOAny(piece), promise: written)
        }
    }

    /// Answers with an error and ends the connection.
    private func refuse(_ refusal: HeadSummary.Refusal, headers: HTTPHeaders = [:]) {
        current?.keepAlive = false
        var answer = HTTPAnswer.error(status: refusal.status, code: refusal.code, message: refusal.message)
        answer.headers.add(contentsOf: headers)
        write(answer, length: answer.body.readableBytes, isHead: current?.head.method == .HEAD)
        finish(half: true)
    }

    /// Writes what there is and ends the connection: both ways if the client has nothing more to say, else our way, so that
    /// its data does not reset the connection before it has read the answer.
    private func finish(half: Bool) {
        guard let channel, phase != .closed else { return }
        phase = .ending
        current = nil
        queue.removeAll()
        loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.closeTimeout))
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolatedUnsafeUnchecked().whenComplete { _ in
            channel.close(mode: half ? .output : .all, promise: nil)
        }
        startOutgoing()
        channel.writeAndFlush(NIOAny(takeOutgoing()), promise: written)
        if isReadHeld {
            isReadHeld = false
            channel.read()
        }
    }

    private func startOutgoing() {
        guard !hasOutgoing else { return }
        hasOutgoing = true
        outgoing = loop.buffers.take()
    }

    private func takeOutgoing() -> ByteBuffer {
        var buffer = ByteBuffer()
        swap(&buffer, &outgoing)
        hasOutgoing = false
        return buffer
    }

    private func flush() {
        guard hasOutgoing, let channel else { return }
        let buffer = takeOutgoing()
        channel.writeAndFlush(NIOAny(buffer), promise: nil)
        loop.buffers.recycle(buffer)
    }

    // MARK: Upgrade

    private func upgrade(_ request: Current) {
        guard let channel, let upgrade = request.upgrade, let id = loop.reserveID() else {
            return refuse(.init(status: 503, code: "busy", message: "Too many connections."))
        }
        let connection = Connection(
            id: id, context: loop, endpoint: upgrade.endpoint, options: upgrade.options,
            request: UpgradeRequest(
                listener: routes.listener, path: request.summary.path, query: request.summary.query,
                parameters: request.parameters, headers: request.head.headers,
                subprotocol: upgrade.accepted.subprotocol))
        phase = .upgraded
        current = nil
        loop.wheel.cancel(self)
        startOutgoing()
        Handshake.appendAnswer(upgrade.accepted, to: &outgoing)
        channel.write(NIOAny(takeOutgoing()), promise: nil)
        let pipeline = channel.pipeline.syncOperations
        do {
            try channel.channel.syncOptions?.setOption(.recvAllocator, value: loop.readMemory)
            try pipeline.addHandler(WebSocketHandler(connection), position: .after(self))
        } catch {
            // Only a channel that is closing refuses.
            phase = .ending
            return channel.close(promise: nil)
        }
        // The decoder hands on what it has left in a turn of its own; after that nobody needs this handler.
        pipeline.removeHandler(decoder).assumeIsolatedUnsafeUnchecked().whenComplete { _ in
            _ = pipeline.removeHandler(self)
        }
    }

    // MARK: Ends

    /// The server is stopping: idle connections end now, others with their answer.
    func drain() {
        switch phase {
        case .idle where queue.isEmpty: channel?.close(promise: nil)
        case .idle, .receiving, .answering, .streaming: current?.keepAlive = false
        case .ending, .upgraded, .closed: break
        }
    }

    func abort() { channel?.close(promise: nil) }
}

extension HTTPConnection: TimerEntry {
    func timerFired(now: UInt32) {
        switch phase {
        case .answering, .upgraded, .closed: break
        case .idle where isHeadStarted && !isHalfOpen, .receiving:
            refuse(.init(status: 408, code: "timeout", message: "The request took too long."))
        case .idle, .streaming, .ending: abort()
        }
    }
}
