import Transport

/// What a handler talks to: a socket of this loop, or one of another loop. Who sends need not know which. Loop-bound to the
/// worker that runs the handlers.
///
///     handler's loop                               socket's loop
///       .local(Connection) ───────────────────────▶ the same: straight into its buffer
///       .remote(Outbox, id) ──── MessageBatch ────▶ Bridge.deliver, once per turn for all of that loop's sockets
enum Peer {
    case local(Connection)
    case remote(Outbox, ConnectionID)

    /// Sends a message. Ignored once the connection has closed.
    ///
    /// - Parameter bytes: Copied during the call. Text must be UTF-8.
    @inline(__always)
    func send(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        switch self {
        case .local(let connection): connection.send(bytes, kind)
        case .remote(let outbox, let id): outbox.send(id, bytes, kind)
        }
    }

    /// Closes it after what was sent before.
    ///
    /// - Parameter reason: At most 123 bytes of UTF-8.
    func close(code: UInt16, reason: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) {
        switch self {
        case .local(let connection): connection.close(code: code, reason: String(decoding: reason, as: UTF8.self))
        case .remote(let outbox, let id): outbox.close(id, code, reason)
        }
    }

    /// Everything that came before the client's close frame has been handled: it is answered.
    func answerClose() {
        switch self {
        case .local(let connection): connection.answerClose()
        case .remote(let outbox, let id): outbox.answerClose(id)
        }
    }

    /// Too much of it waits here. A socket of another loop stops by itself: by what is not acknowledged.
    func pauseReading() {
        if case .local(let connection) = self { connection.pauseReading() }
    }

    func resumeReading() {
        if case .local(let connection) = self { connection.resumeReading() }
    }

    /// Messages that had to wait here have been taken out. Concerns only sockets of another loop, which count what is under way.
    func acknowledge(messages: Int, bytes: Int) {
        if case .remote(let outbox, let id) = self { outbox.acknowledge(id, messages: messages, bytes: bytes) }
    }
}
