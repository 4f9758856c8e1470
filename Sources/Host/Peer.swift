import Transport

/// What a handler talks to: a socket of this loop, one of another loop, or a connection to another server. Who sends need not
/// know which. Loop-bound to the worker that runs the handlers.
///
///     handler's loop                               socket's loop
///       .local(Connection) ───────────────────────▶ the same: straight into its buffer
///       .remote(Outbox, id) ──── MessageBatch ────▶ Bridge.deliver, once per turn for all of that loop's sockets
///       .outgoing(WebSocketClient) ───────────────▶ the same loop: straight to its channel
enum Peer {
    case local(Connection)
    case remote(Outbox, ConnectionID)
    case outgoing(WebSocketClient)

    /// Sends a message. Ignored once the connection has closed.
    ///
    /// - Parameter bytes: Copied during the call. Text must be UTF-8.
    @inline(__always)
    func send(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        switch self {
        case .local(let connection): connection.send(bytes, kind)
        case .remote(let outbox, let id): outbox.send(id, bytes, kind)
        case .outgoing(let client): Self.send(bytes, kind, by: client)
        }
    }

    /// Who does not read is closed, on whichever side of a connection it is.
    @inline(never)
    private static func send(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind, by client: WebSocketClient) {
        do throws(WebSocketClientError) { try client.send(bytes, kind) } catch {
            if error.code == .backlog { client.close(code: tryAgainLater, reason: "too slow") }
        }
    }

    /// RFC 6455, section 7.4.1, and the IANA registry.
    private static let tryAgainLater: UInt16 = 1_013

    /// Closes it after what was sent before.
    ///
    /// - Parameter reason: At most 123 bytes of UTF-8.
    func close(code: UInt16, reason: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) {
        switch self {
        case .local(let connection): connection.close(code: code, reason: String(decoding: reason, as: UTF8.self))
        case .remote(let outbox, let id): outbox.close(id, code, reason)
        case .outgoing(let client): client.close(code: code, reason: String(decoding: reason, as: UTF8.self))
        }
    }

    /// Everything that came before the other side's close frame has been handled: it is answered.
    func answerClose() {
        switch self {
        case .local(let connection): connection.answerClose()
        case .remote(let outbox, let id): outbox.answerClose(id)
        case .outgoing(let client): client.answerClose()
        }
    }

    /// Too much of it waits here. A socket of another loop stops by itself: by what is not acknowledged.
    func pauseReading() {
        switch self {
        case .local(let connection): connection.pauseReading()
        case .outgoing(let client): client.pauseReading()
        case .remote: break
        }
    }

    func resumeReading() {
        switch self {
        case .local(let connection): connection.resumeReading()
        case .outgoing(let client): client.resumeReading()
        case .remote: break
        }
    }

    /// Messages that had to wait here have been taken out. Concerns only sockets of another loop, which count what is under way.
    func acknowledge(messages: Int, bytes: Int) {
        if case .remote(let outbox, let id) = self { outbox.acknowledge(id, messages: messages, bytes: bytes) }
    }
}
