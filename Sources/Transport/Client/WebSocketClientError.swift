/// Why a WebSocket could not be opened or used.
public struct WebSocketClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable codes.
    public enum Code: String, Sendable {
        /// The address is not a usable `ws://` or `wss://` address.
        case invalidURL = "invalid_url"
        /// A header or subprotocol among the options cannot be sent.
        case invalidOption = "invalid_option"
        /// The host's name has no address.
        case resolveFailed = "resolve_failed"
        /// Nobody listens there, or the network does not lead there.
        case connectFailed = "connect_failed"
        /// No TLS with the server, its certificate is not trusted, or it is not that host's.
        case tlsFailed = "tls_failed"
        /// `WebSocketClientOptions.connectTimeout` was over before the WebSocket was open.
        case timeout = "timeout"
        /// The server answered with another status than 101; see `status`.
        case refused = "refused"
        /// The answer is no handshake of RFC 6455, section 4.2.2, or it has what was not asked for.
        case badHandshake = "bad_handshake"
        /// The head of the answer is larger than `WebSocketClientOptions.headBytesMax`.
        case headTooLarge = "head_too_large"
        /// The connection ended before the WebSocket was open, or before what was sent had gone out.
        case lost = "lost"
        /// Closed by this side before it was open.
        case cancelled = "cancelled"
        /// The message cannot be sent any more: a close has begun.
        case notOpen = "not_open"
        /// More than `WebSocketClientOptions.maxUnsent` bytes wait to be sent.
        case backlog = "backlog"
    }

    public var code: Code
    /// For a person.
    public var detail: String
    /// The HTTP status of a server that refused.
    public var status: Int?

    init(_ code: Code, _ detail: String, status: Int? = nil) {
        self.code = code
        self.detail = detail
        self.status = status
    }

    public var description: String { "\(code.rawValue): \(detail)" }
}

/// How a WebSocket that was open ended.
public struct WebSocketClientEnd: Sendable, Equatable, CustomStringConvertible {
    public enum Cause: String, Sendable {
        /// The server closed.
        case remote
        /// This side closed.
        case local
        /// The connection broke without a close frame.
        case lost
        /// The server did not answer a ping in time.
        case silent
        /// The server broke the protocol, or sent a message larger than `WebSocketClientOptions.maxMessage`.
        case violation
    }

    /// What the server sent, else what this side closed with; 1005: a close without a code, 1006: lost.
    public var code: UInt16
    /// The text that came with the code.
    public var reason: String
    public var cause: Cause
    /// Both sides sent a close frame.
    public var wasClean = false

    public var description: String {
        reason.isEmpty ? "\(cause.rawValue), code \(code)" : "\(cause.rawValue), code \(code): \(reason)"
    }
}
