public import NIOCore

/// What a client wants from its connection. Every bound has its reason here.
public struct WebSocketClientOptions: Sendable {
    /// Time from the start until the WebSocket is open: name look-up, connection, TLS and handshake together.
    public var connectTimeout = TimeAmount.seconds(10)
    /// Bytes of the head of the server's answer; more: `head_too_large`. The bound of our own server for requests.
    public var headBytesMax = 16 * 1024
    /// Bytes of one message after putting its fragments together, 1…; more: closed with 1009.
    public var maxMessage = 1024 * 1024
    /// A ping goes out so often, whatever else is going on: it also tells the server that this side is there.
    /// Nil: no pings.
    public var pingInterval: TimeAmount? = .seconds(30)
    /// A server of which nothing is heard for so long after a ping is gone: the connection ends as `silent`.
    public var pongTimeout = TimeAmount.seconds(20)
    /// How long the server may take to answer a close frame, and to end the connection after that.
    public var closeTimeout = TimeAmount.seconds(5)
    /// Bytes that may wait to be sent; what would make them more is not sent. A single message may be larger if
    /// nothing waits before it.
    public var maxUnsent = 1024 * 1024
    /// Compression that is offered (permessage-deflate); nil: none. `windowBits`, `memoryLevel`, `level` and `threshold` are about
    /// what this side sends, `contextTakeover` about both.
    public var compression: Compression?
    /// Subprotocols that are offered, the preferred one first.
    public var subprotocols: [String] = []
    /// More headers for the request, such as `authorization` or `origin`; those of the handshake itself cannot be set.
    public var headers: [(name: String, value: String)] = []
    /// Whom to trust with `wss`. Nil: the system's certificates, read once per connection.
    public var tls: WebSocketClientTLS?

    public init() {}
}
