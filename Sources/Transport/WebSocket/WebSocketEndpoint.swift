public import NIOCore

/// Which `Origin` values may open a WebSocket. Browsers do not apply the same-origin rule to WebSockets, the server must
/// (RFC 6455, section 10.2).
public enum OriginPolicy: Sendable, Equatable {
    /// No `Origin` at all (not a browser), or one whose host and port are those of `Host`.
    case sameOrNone
    /// Everybody.
    case any
    /// No `Origin`, the same origin, or one of these (`https://example.org`, compared without case).
    case list([String])
}

/// What an endpoint wants from its connections. Times are kept to about a quarter of a second and
/// never cut short.
public struct WebSocketOptions: Sendable {
    /// Bytes of one message after putting its fragments together, 1…; more: closed with 1009.
    public var maxMessage = 1024 * 1024
    /// A connection that sends no message for so long is closed with 1000 and the reason `idle`. Nil: never.
    public var idleTimeout: TimeAmount?
    /// A ping from the client counts as a message for `idleTimeout`. A pong never does.
    public var pingsKeepAlive = false
    /// A ping goes out when nothing came from the client for so long. Nil: no pings.
    public var pingInterval: TimeAmount? = .seconds(30)
    /// A client that sends nothing for so long after a ping is gone: closed, reported as 1006.
    public var pongTimeout = TimeAmount.seconds(20)
    /// Bytes that may wait to be sent; more: closed with 1013. A single message may be larger if nothing waits before it.
    public var maxUnsent = 256 * 1024
    /// Clients that do not understand the close code of a server that stops (1012) may ask for 1001 instead, with `stop_code=1001`
    /// in the query of their handshake.
    public var letsClientsChooseStopCode = false
    /// Who may connect.
    public var origins = OriginPolicy.sameOrNone
    /// Subprotocols in the server's order of preference; the first one the client offers as well is chosen. None in
    /// common: the connection opens without one (RFC 6455, section 4.2.2).
    public var subprotocols: [String] = []
    /// Compression for clients that offer it; nil: none. Read at the handshake, like everything here.
    public var compression: Compression?

    public init() {}
}

/// Receives what happens on the WebSocket connections of a route. All calls come on the connection's event loop and none
/// while the endpoint is calling into the connection.
public protocol WebSocketEndpoint: AnyObject {
    /// Read once per connection, at the handshake.
    var options: WebSocketOptions { get }

    /// The handshake is done; messages may be sent. Called once, first.
    func opened(_ connection: Connection)

    /// One whole message, unmasked; text is valid UTF-8.
    /// - Parameter bytes: Valid only during the call.
    func received(_ connection: Connection, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind)

    /// After the last message of one socket read, before replies are written.
    func readComplete(_ connection: Connection)

    /// The client has sent its close frame: nothing more comes from it. To be answered with `answerClose` or `close`, in this
    /// call or once everything that came before is answered; what is sent until then goes out before the close frame. After
    /// `TransportLimits.closeTimeout` it is answered in any case.
    func closing(_ connection: Connection)

    /// The connection is gone and has left its rooms. Exactly once after `opened`, in a loop turn of its own.
    /// - Parameters:
    ///   - code: What the client sent, else what the server closed with; 1005: close without a code, 1006: lost.
    ///   - reason: The text that came with the code.
    func closed(_ connection: Connection, code: UInt16, reason: String)
}

extension WebSocketEndpoint {
    public func readComplete(_ connection: Connection) {}

    /// For who answers messages within `received`.
    public func closing(_ connection: Connection) { connection.answerClose() }
}
