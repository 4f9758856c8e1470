import NIOCore

/// The request a connection is receiving or answering; what it says of itself is in the connection's decoder.
struct CurrentRequest {
    enum Target {
        case responder(any HTTPResponder)
        // Indirect, so that the others stay small.
        indirect case upgrade(any WebSocketEndpoint, WebSocketOptions, Handshake.Accepted)
        /// Refused; the answer is under way.
        case none
    }

    var target: Target
    var options = HTTPOptions()
    var parameters = RouteParameters()
    /// The connection goes on after the answer.
    var keepAlive: Bool
    var body: ByteBuffer?

    /// Adds to the body, as far as its responder wants it.
    /// - Returns: Whether it does.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard (body?.readableBytes ?? 0) + bytes.count <= options.maxBody else { return false }
        // Copied, so that a small body does not hold a whole read buffer.
        if body == nil { body = ByteBufferAllocator().buffer(capacity: bytes.count) }
        body!.writeBytes(bytes)
        return true
    }
}
