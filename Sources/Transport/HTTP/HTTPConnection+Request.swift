import NIOCore
import NIOHTTP1

/// Requests: from the head to the responder.
extension HTTPConnection {
    func begin(_ head: HTTPRequestHead) {
        isHeadStarted = false
        noteBegin()
        if isHalfOpen { loop.halfOpen.remove(self) }
        do {
            let exchange = try route(head)
            exchange.startsAt = bytesRead.bytes
            current = exchange
            phase = .receiving
            guard exchange.summary.hasBody else { return }
            loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.bodyTimeout))
            if exchange.summary.expectsContinue {
                startOutgoing()
                outgoing.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
                if !isReading { flush() }
            }
        } catch {
            beginRefused(head, error)
        }
    }

    /// A head that gets an answer from the transport itself.
    struct Unroutable: Error {
        var summary: HeadSummary
        var refusal: HeadSummary.Refusal
        var headers: HTTPHeaders = [:]
        /// The connection must end with the answer.
        var isFatal = false

        init(_ summary: HeadSummary, _ refusal: HeadSummary.Refusal, _ headers: HTTPHeaders = [:], isFatal: Bool = false) {
            self.summary = summary
            self.refusal = refusal
            self.headers = headers
            self.isFatal = isFatal
        }

        init(_ summary: HeadSummary, _ status: Int, _ code: String, _ message: String, _ headers: HTTPHeaders = [:]) {
            self.init(summary, .init(status: status, code: code, message: message), headers)
        }
    }

    private func beginRefused(_ head: HTTPRequestHead, _ reason: Unroutable) {
        // A refused request's body would have to be read to get at the next one; ending is simpler and safe.
        if reason.isFatal || reason.summary.hasBody {
            current = HTTPExchange(head, reason.summary, nil, keepAlive: false)
            refuse(reason.refusal, headers: reason.headers)
            return
        }
        phase = .receiving
        current = HTTPExchange(
            head, reason.summary, CannedResponder(reason.refusal, headers: reason.headers),
            keepAlive: goesOn(after: head, reason.summary))
    }

    /// Whether another request can follow: the decoder stops after one that asks for an upgrade.
    private func goesOn(after head: HTTPRequestHead, _ summary: HeadSummary) -> Bool {
        head.isKeepAlive && !summary.hasUpgrade && head.method != .CONNECT && !loop.isDraining
    }

    private func route(_ head: HTTPRequestHead) throws(Unroutable) -> HTTPExchange {
        let summary: HeadSummary
        do {
            summary = try HeadSummary(head, limits: loop.limits)
        } catch {
            throw Unroutable(.unknown, error, isFatal: true)
        }
        if !summary.host.isEmpty || head.version.minor >= 1 { try checkHost(summary.host, summary) }
        if let authority = summary.authority { try checkHost(authority, summary) }
        let match: RouteTable.Match?
        do { match = try routes.table.match(summary.path) } catch {
            throw Unroutable(summary, 400, "bad_request", "The path is not valid percent-encoded UTF-8.")
        }
        guard let match else { throw Unroutable(summary, 404, "not_found", "There is nothing at this path.") }
        if summary.wantsWebSocket {
            guard let endpoint = match.targets.webSocket?.endpoint else {
                throw Unroutable(summary, 404, "not_found", "There is no WebSocket at this path.")
            }
            return try routeUpgrade(head, summary, endpoint, match.parameters("websocket"))
        }
        let goesOn = goesOn(after: head, summary)
        if let responder = match.targets.responder(head.method) {
            let options = responder.options
            guard summary.isFromHere(head.method) || options.cors?.allows(summary.origin) == true else {
                throw Unroutable(summary, 403, "cross_site", "Pages of other sites may not send requests here.")
            }
            if let length = summary.contentLength, length > options.maxBody {
                throw Unroutable(summary, 413, "body_too_large", "The request body is too large.")
            }
            return HTTPExchange(
                head, summary, .responder(responder), options: options,
                parameters: match.values.isEmpty ? RouteParameters() : match.parameters(head.method.rawValue), keepAlive: goesOn)
        }
        if head.method == .OPTIONS {
            let responder = OptionsResponder(match.targets, requested: head)
            return HTTPExchange(
                head, summary, .responder(responder), options: responder.options, parameters: RouteParameters(), keepAlive: goesOn)
        }
        if match.targets.methods.isEmpty {
            throw Unroutable(summary, 426, "upgrade_required", "This path speaks WebSocket.", ["upgrade": "websocket"])
        }
        throw Unroutable(
            summary, 405, "method_not_allowed", "This path does not know the method.", ["allow": match.targets.allowed])
    }

    private func checkHost(_ host: String, _ summary: HeadSummary) throws(Unroutable) {
        if host == checkedHost { return }
        if hosts.allows(host) {
            checkedHost = host
            return
        }
        throw Unroutable(
            summary, 421, "unknown_host",
            "This server does not answer to the name \"\(host.prefix(100))\". If it should, add the name to its setting \"hosts\".")
    }

    private func routeUpgrade(
        _ head: HTTPRequestHead, _ summary: HeadSummary, _ endpoint: any WebSocketEndpoint, _ parameters: RouteParameters
    ) throws(Unroutable) -> HTTPExchange {
        if summary.hasBody { throw Unroutable(summary, 400, "bad_handshake", "A handshake has no body.") }
        if loop.isDraining { throw Unroutable(summary, 503, "shutting_down", "The server is about to stop.") }
        let options = endpoint.options
        do {
            let accepted = try Handshake.check(head, origin: summary.origin, options: options)
            return HTTPExchange(
                head, summary, .upgrade(endpoint, options, accepted), options: HTTPOptions(), parameters: parameters, keepAlive: false)
        } catch {
            throw Unroutable(summary, error, error.status == 426 ? ["sec-websocket-version": "13"] : [:])
        }
    }

    func receive(_ bytes: ByteBuffer) {
        guard let exchange = current else { return }
        let total = (exchange.body?.readableBytes ?? 0) + bytes.readableBytes
        if total > exchange.options.maxBody {
            refuse(.init(status: 413, code: "body_too_large", message: "The request body is too large."))
            return
        }
        // Copied, so that a small body does not hold a whole read buffer.
        if exchange.body == nil { exchange.body = ByteBufferAllocator().buffer(capacity: bytes.readableBytes) }
        exchange.body!.writeImmutableBuffer(bytes)
    }

    func received() {
        guard let exchange = current else { return }
        switch exchange.target {
        case .none: break
        case .upgrade(let endpoint, let options, let accepted): upgrade(exchange, endpoint, options, accepted)
        case .responder(let responder):
            phase = .answering
            serial &+= 1
            let reply = HTTPReply(self, serial: serial, eventLoop: loop.eventLoop)
            let body = exchange.body ?? ByteBuffer()
            exchange.body = nil
            responder.respond(
                HTTPRequest(
                    listener: routes.listener, method: exchange.head.method, path: exchange.summary.path,
                    query: exchange.summary.query, parameters: exchange.parameters, headers: exchange.head.headers,
                    body: body, remote: remote),
                reply)
            if !reply.isSent { self.reply = reply }
        }
    }

    var remote: String {
        if let remoteText { return remoteText }
        let text = channel?.remoteAddress.map(RemoteAddress.text) ?? "unix"
        remoteText = text
        return text
    }
}
